import LinearAlgebra
import OptimalTransport

extension MultiViewProblem {
  /// Projects every cell onto features of the other modality.
  ///
  /// Aligned cells are mapped by barycentric projection; any other cell takes the mean of the images of its five
  /// nearest aligned cells.
  ///
  /// - Parameters:
  ///   - coupling: the plan between the aligned cells.
  ///   - targets: other features of the same cells to project onto; `features` if nil.
  /// - Returns: the first modality's cells in the second's features, and the converse.
  package func projections(
    _ coupling: Coupling, onto targets: (first: Matrix, second: Matrix)? = nil
  ) -> (firstInSecond: Matrix, secondInFirst: Matrix) {
    let targets = targets ?? features
    let (x, y) = (targets.first.selectingRows(cells.first), targets.second.selectingRows(cells.second))
    return (
      Self.means(of: coupling.barycentricProjection(onto: y), guides.first),
      Self.means(of: coupling.transposed.barycentricProjection(onto: x), guides.second)
    )
  }

  private static func means(of images: Matrix, _ guides: [[Int]]) -> Matrix {
    Matrix(rows: guides.count, columns: images.columns) { cell, k in
      guides[cell].reduce(0) { $0 + images[$1, k] } / Double(guides[cell].count)
    }
  }
}

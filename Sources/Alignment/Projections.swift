import LinearAlgebra
import OptimalTransport

extension MultiViewProblem {
  /// Every cell in the features of the other modality: the barycentric projection of those that were aligned; the others take the mean of their five nearest
  /// aligned cells' images.
  ///
  /// - Parameter targets: other features of the same cells to project onto.
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

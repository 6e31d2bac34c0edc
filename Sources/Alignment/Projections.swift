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
      Self.spread(coupling.barycentricProjection(onto: y), of: cells.first, features.first),
      Self.spread(coupling.transposed.barycentricProjection(onto: x), of: cells.second, features.second)
    )
  }

  private static func spread(_ images: Matrix, of aligned: [Int], _ features: Matrix) -> Matrix {
    if aligned.count == features.rows { return images }
    var result = Matrix(rows: features.rows, columns: images.columns)
    var isAligned = [Bool](repeating: false, count: features.rows)
    for (position, cell) in aligned.enumerated() {
      isAligned[cell] = true
      for k in 0..<images.columns { result[cell, k] = images[position, k] }
    }
    let neighbors = 5
    for cell in 0..<features.rows where !isAligned[cell] {
      let distances = aligned.map { squaredDistance(features[row: cell], features[row: $0]) }
      let nearest = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(neighbors)
      for k in 0..<images.columns { result[cell, k] = nearest.reduce(0) { $0 + images[$1, k] } / Double(nearest.count) }
    }
    return result
  }
}

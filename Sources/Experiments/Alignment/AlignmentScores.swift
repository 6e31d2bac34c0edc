import Documents
import Learning
import LinearAlgebra
import OptimalTransport

/// The scores of a coupling whose row i and column i are the same cell, with the first modality projected to the second and the reverse.
struct AlignmentScores {
  let forward: FractionCloserThanTrueMatch
  let backward: FractionCloserThanTrueMatch
  /// 5-NN trained on the projected first modality and tested on the second.
  let forwardAccuracy: Double
  /// 5-NN trained on the projected second modality and tested on the first.
  let backwardAccuracy: Double
  /// The spread of the projection against that of its target space: near 0 when the alignment has collapsed to a point.
  let spread: Double
  /// The first modality in the space of the second.
  let projection: Matrix

  init(coupling: Coupling, first: Matrix, second: Matrix, pair: AlignmentData.Pair) {
    projection = coupling.barycentricProjection(onto: second)
    let reverse = coupling.transposed.barycentricProjection(onto: first)
    forward = FractionCloserThanTrueMatch(projection, second)
    backward = FractionCloserThanTrueMatch(reverse, first)
    let neighbors = min(5, first.rows)
    forwardAccuracy = NearestNeighborClassifier(points: projection, labels: pair.firstLabels, neighbors: neighbors)
      .accuracy(on: second, labels: pair.secondLabels)
    backwardAccuracy = NearestNeighborClassifier(points: reverse, labels: pair.secondLabels, neighbors: neighbors)
      .accuracy(on: first, labels: pair.firstLabels)
    let target = Self.spread(second)
    spread = target > 0 ? Self.spread(projection) / target : 0
  }

  var metrics: [String: Value] {
    [
      "foscttm": .number(forward.twoSided), "foscttmStrict": .number(forward.oneSidedStrict), "ties": .integer(forward.ties),
      "accuracy": .number(forwardAccuracy), "foscttmBackward": .number(backward.twoSided), "accuracyBackward": .number(backwardAccuracy),
      "spread": .number(spread),
    ]
  }

  /// The root mean squared distance from the mean.
  private static func spread(_ points: Matrix) -> Double {
    let mean = points.columnSums.map { $0 / Double(points.rows) }
    let squares = (0..<points.rows).reduce(0) { $0 + squaredDistance(points[row: $1], mean[...]) }
    return (squares / Double(points.rows)).squareRoot()
  }
}

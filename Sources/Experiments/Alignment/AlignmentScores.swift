import Learning
import LinearAlgebra

/// The quality of an alignment of two modalities whose rows i are the same cell, on some of the rows.
struct AlignmentScores: Sendable {
  /// The score of the first modality's points in the second one's space, or in a common space.
  let forward: FractionCloserThanTrueMatch
  /// The score of the second modality's points in the first one's space.
  let backward: FractionCloserThanTrueMatch
  /// The accuracy of 5-NN trained on the first modality's points and tested on the second's.
  let forwardAccuracy: Double
  /// The accuracy of 5-NN trained on the second and tested on the first, in the first one's space.
  let backwardAccuracy: Double

  init(_ distances: PairDistances, rows: [Int], pair: AlignmentData.Pair) {
    forward = FractionCloserThanTrueMatch(squaredDistances: distances.forward, rows: rows)
    backward = distances.backward.map { FractionCloserThanTrueMatch(squaredDistances: $0, rows: rows) } ?? forward
    forwardAccuracy = Self.accuracy(rows, pair.firstLabels, pair.secondLabels) { distances.forward[$0, $1] }
    let back = distances.backward ?? distances.forward
    backwardAccuracy = Self.accuracy(rows, pair.secondLabels, pair.firstLabels) { back[$1, $0] }
  }

  private static func accuracy(_ rows: [Int], _ known: [Int], _ truth: [Int], _ distance: (Int, Int) -> Double)
    -> Double
  {
    let hits = rows.count { row in
      nearestNeighborVote(among: rows, labels: known, neighbors: min(5, rows.count)) { distance($0, row) } == truth[row]
    }
    return Double(hits) / Double(rows.count)
  }
}

/// The squared distances between all cells of both modalities in the space or spaces of an alignment.
struct PairDistances {
  let forward: Matrix
  /// The distances in the first modality's space; nil if there is only one space.
  let backward: Matrix?

  init(forward: (first: Matrix, second: Matrix), backward: (first: Matrix, second: Matrix)?) {
    self.forward = squaredDistances(forward.first, forward.second)
    self.backward = backward.map { squaredDistances($0.first, $0.second) }
  }
}

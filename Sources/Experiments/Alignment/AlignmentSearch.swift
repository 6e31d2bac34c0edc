import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Support

/// Scores a method's answers as they arrive, and keeps the shown answer as a whole.
final class AlignmentSearch {
  /// The scores of one answer.
  struct Candidate {
    let settings: String
    let objective: Double
    let status: Status
    let seconds: Double
    /// The FOSCTTM on each split's known rows; empty if no pairs are used.
    let validation: [Double]
    /// The scores on each split's test rows.
    let scores: [AlignmentScores]
    /// The two-sided FOSCTTM on all rows.
    let foscttm: Double
    /// The spread of the points relative to that of the target space; a value near 0 indicates collapse.
    let spread: Double
    let plan: CoarsePlan

    /// The number by which the shown candidate is chosen; lower is better.
    var rank: Double { validation.isEmpty ? objective : validation.mean }
  }

  let splits: [Validation.Split]
  private let pair: AlignmentData.Pair
  /// The orders of the shuffled rows: row k as the method saw it is row `order[k]`.
  private let orders: (first: [Int], second: [Int])
  private let cells: (first: BalancedCells, second: BalancedCells)
  private(set) var candidates: [Candidate] = []
  /// The answer with the lowest rank, with its rows in the user's order.
  private(set) var shown: AlignmentAnswer?
  private(set) var shownIndex = 0

  init(
    _ pair: AlignmentData.Pair, first: Matrix, second: Matrix, orders: (first: [Int], second: [Int]),
    splits: [Validation.Split]
  ) {
    self.pair = pair
    self.orders = orders
    self.splits = splits
    cells = (BalancedCells(first), BalancedCells(second))
  }

  func consider(_ answer: AlignmentAnswer) -> Candidate {
    let answer = restored(answer)
    let distances = PairDistances(forward: answer.forward, backward: answer.backward)
    let candidate = Candidate(
      settings: answer.settings, objective: answer.objective, status: answer.status, seconds: answer.seconds,
      validation: splits.filter { !$0.known.isEmpty }.map {
        FractionCloserThanTrueMatch(squaredDistances: distances.forward, rows: $0.known).twoSided
      },
      scores: splits.map { AlignmentScores(distances, rows: $0.test, pair: pair) },
      foscttm: FractionCloserThanTrueMatch(squaredDistances: distances.forward, rows: Array(0..<distances.forward.rows))
        .twoSided,
      spread: answer.spread, plan: CoarsePlan(answer.plan.plan, cells.first, cells.second))
    if shown == nil || candidate.rank < candidates[shownIndex].rank { (shown, shownIndex) = (answer, candidates.count) }
    candidates.append(candidate)
    return candidate
  }

  /// The candidate with the lowest objective, which is chosen without pairs.
  var blindIndex: Int { candidates.indices.min { candidates[$0].objective < candidates[$1].objective } ?? 0 }

  /// The candidate chosen in each split.
  var chosen: [Int] {
    splits.indices.map { split in
      splits[split].known.isEmpty
        ? blindIndex
        : candidates.indices.min { candidates[$0].validation[split] < candidates[$1].validation[split] } ?? 0
    }
  }

  /// The basin of each candidate; basins are numbered by their lowest objectives.
  var basins: [Int] {
    CoarsePlan.basins(
      candidates.map(\.plan),
      order: candidates.indices.sorted { (candidates[$0].objective, $0) < (candidates[$1].objective, $1) })
  }

  /// Returns an answer with its rows in the original order.
  private func restored(_ answer: AlignmentAnswer) -> AlignmentAnswer {
    func rows(_ matrix: Matrix, _ order: [Int]) -> Matrix {
      var result = matrix
      for (k, original) in order.enumerated() {
        for axis in 0..<matrix.columns { result[original, axis] = matrix[k, axis] }
      }
      return result
    }
    func weights(_ values: [Double], _ order: [Int]) -> [Double] {
      rows(Matrix(rows: order.count, columns: 1, elements: values), order).elements
    }
    var result = answer
    result.forward = (rows(answer.forward.first, orders.first), rows(answer.forward.second, orders.second))
    result.backward = answer.backward.map { (rows($0.first, orders.first), rows($0.second, orders.second)) }
    let plan = rows(rows(answer.plan.plan, orders.first).transposed, orders.second).transposed
    result.plan = Coupling(
      plan: plan, source: weights(answer.plan.source, orders.first), target: weights(answer.plan.target, orders.second))
    result.decision?.runnerUp = answer.decision?.runnerUp.map { rows($0, orders.first) }
    return result
  }
}

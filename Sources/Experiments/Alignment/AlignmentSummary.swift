import Documents
import LinearAlgebra
import OptimalTransport
import Support

/// The metrics of a search.
struct AlignmentSummary {
  private let search: AlignmentSearch
  private let shown: AlignmentAnswer
  private let rightBelow: Double?

  init(_ search: AlignmentSearch, _ shown: AlignmentAnswer, rightBelow: Double?) {
    self.rightBelow = rightBelow
    self.search = search
    self.shown = shown
  }

  var metrics: [String: Value] {
    let (candidates, splits) = (search.candidates, search.splits.indices)
    let chosen = search.chosen
    let picked = splits.map { candidates[chosen[$0]].scores[$0] }
    let blind = candidates[search.blindIndex]
    let foscttms = candidates.map(\.foscttm)
    func mean(_ value: (AlignmentScores) -> Double) -> Value { .number(Self.mean(picked.map(value))) }
    return [
      "foscttm": mean(\.forward.twoSided), "foscttmDeviation": .number(Self.deviation(picked.map(\.forward.twoSided))),
      "accuracy": mean(\.forwardAccuracy), "accuracyDeviation": .number(Self.deviation(picked.map(\.forwardAccuracy))),
      "foscttmStrict": mean(\.forward.oneSidedStrict), "foscttmBackward": mean(\.backward.twoSided),
      "accuracyBackward": mean(\.backwardAccuracy), "ties": mean { Double($0.forward.ties) },
      "spread": .number(Self.mean(chosen.map { candidates[$0].spread })),
      "blindFoscttm": .number(Self.mean(blind.scores.map(\.forward.twoSided))),
      "blindFoscttmDeviation": .number(Self.deviation(blind.scores.map(\.forward.twoSided))),
      "blindAccuracy": .number(Self.mean(blind.scores.map(\.forwardAccuracy))),
      "blindAccuracyDeviation": .number(Self.deviation(blind.scores.map(\.forwardAccuracy))),
      "blindSpread": .number(blind.spread),
      "objective": .number(shown.objective), "candidates": .integer(candidates.count),
      "unconverged": .integer(candidates.count { !$0.status.isConverged }), "choices": .integer(Set(chosen).count),
      "basins": .integer(Set(search.basins).count), "bestFoscttm": .number(foscttms.min() ?? 0),
      "nearBest": .integer(foscttms.count { $0 <= (foscttms.min() ?? 0) + 0.02 }),
      "worstFoscttm": .number(foscttms.max() ?? 0),
      "marginalError": .number(shown.plan.marginalError),
      "blindAccuracyBackward": .number(Self.mean(blind.scores.map(\.backwardAccuracy))),
      "blindFoscttmBackward": .number(Self.mean(blind.scores.map(\.backward.twoSided))),
      "rightBasin": rightBelow.map { .number(blind.foscttm < $0 ? 1 : 0) } ?? .null,
      "margin": optional(shown.decision?.margin), "stability": optional(shown.decision?.stability),
      "symmetry": optional(shown.decision?.symmetry), "warnings": optional(shown.decision.map { Double($0.warnings) }),
      "iterations": .integer(shown.iterations), "searchSeconds": .number(candidates.reduce(0) { $0 + $1.seconds }),
    ]
  }

  private func optional(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }

  private static func mean(_ values: [Double]) -> Double { compensatedSum(values) / Double(max(values.count, 1)) }

  /// Returns the standard deviation with divisor n − 1, which is 0 for a single value.
  private static func deviation(_ values: [Double]) -> Double {
    values.count > 1 ? values.standardDeviation(.sample, around: mean(values)) : 0
  }
}

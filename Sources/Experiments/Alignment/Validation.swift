import Documents
import LinearAlgebra

/// Which rows may be known to pair when a setting is chosen: a seeded share of them in each of several splits, the others being for the scores. Without
/// splits no pairing is used, and all rows are scored.
struct Validation: Sendable {
  /// Rows whose pairing is known, and the others.
  struct Split: Sendable {
    let known: [Int]
    let test: [Int]
  }

  /// The share of rows, and how many splits.
  private let plan: (fraction: Double, splits: Int)?

  init(_ params: Fields) throws(DocumentError) {
    guard
      let fields = try params.fields(
        "validation", about: "choose settings by the FOSCTTM of a share of the rows; without it, by the objective")
    else {
      plan = nil
      return
    }
    plan = (
      try fields.number("fraction", default: 0.1, in: .above(0, to: 0.9), about: "share of rows whose pairing is known"),
      try fields.integer("splits", default: 20, in: 1...10_000, about: "seeded random choices of these rows")
    )
  }

  /// The splits of some rows; one without known rows where no pairing is used.
  func splits(rows: Int, seed: Int) -> [Split] {
    guard let plan else { return [Split(known: [], test: Array(0..<rows))] }
    let known = min(max(2, Int((plan.fraction * Double(rows)).rounded())), rows - 2)
    var random = SeededGenerator(seed: UInt64(seed), stream: "validation")
    return (0..<plan.splits).map { _ in
      let order = random.permutation(rows)
      return Split(known: order.prefix(known).sorted(), test: order.dropFirst(known).sorted())
    }
  }
}

import Documents
import LinearAlgebra

/// The rows whose pairing may be used to choose settings.
///
/// In each of several splits a random fraction of the rows is known, and the other rows are scored. Without splits no
/// pairing is used, and all rows are scored.
struct Validation: Sendable {
  /// The rows whose pairing is known, and the others.
  struct Split: Sendable {
    let known: [Int]
    let test: [Int]
  }

  /// The fraction of rows and the number of splits.
  private let plan: (fraction: Double, splits: Int)?

  init(_ params: Fields) throws(DocumentError) {
    guard
      let fields = try params.fields(
        "validation",
        about: "chooses settings by the FOSCTTM of a fraction of the rows; without this section, by the objective")
    else {
      plan = nil
      return
    }
    plan = (
      try fields.number(
        "fraction", default: 0.1, in: .above(0, to: 0.9), about: "the fraction of rows whose pairing is known"),
      try fields.integer("splits", default: 20, in: 1...10_000, about: "the number of random choices of these rows")
    )
  }

  /// Returns the splits of some rows; without validation a single one that knows no rows.
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

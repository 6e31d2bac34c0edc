import Documents
import LinearAlgebra
import OptimalTransport

/// Directions that points are seen along: an input, or seeded ones.
struct DirectionSettings: Sendable {
  /// Of those that are drawn.
  let count: Int
  let seed: UInt64

  init(_ fields: Fields) throws(DocumentError) {
    count = try fields.integer(
      "directions", default: 100, in: 1...1_000_000, about: "how many are drawn, where none are given")
    seed = try fields.seed(about: "of the directions")
  }

  /// The rows of the input.
  func given(_ inputs: ProblemInputs) throws -> Matrix? { try inputs.matrix("directions") }

  /// How many rows there are, given or drawn.
  func count(_ inputs: ProblemInputs) throws -> Int {
    inputs.contains("directions") ? try inputs.rows("directions") : count
  }
}

extension Fields {
  /// p of W_p^p.
  func exponent() throws(DocumentError) -> Double {
    try number("exponent", default: 2, in: .from(1, to: 100), about: "p: the cost is the distance to the power p")
  }
}

import Documents
import OptimalTransport

// Starts and the seed of random choices, read here alone.

extension Fields {
  /// How many starts, of which the lowest objective counts.
  package func starts(default fallback: Int, about: String = "seeded starts; the lowest objective is kept") throws(DocumentError) -> Int {
    try integer("starts", default: fallback, in: 1...10_000, about: about)
  }

  /// What random choices are seeded with: the run's own seed where the settings are a run's.
  package func seed(about: String = "of random choices") throws(DocumentError) -> UInt64 {
    // A run's own seed is no setting: each repetition has another.
    if let runSeed { return UInt64(try optionalInteger("seed", in: 0...Int.max, about: about) ?? runSeed) }
    return UInt64(try integer("seed", default: 1, in: 0...Int.max, about: about))
  }

  /// Starts of a solver that matches rows and columns of two tables, and their seed.
  package func anchoredStarts() throws(DocumentError) -> AnchoredStarts {
    AnchoredStarts(
      starts: try optionalInteger(
        "starts", in: 1...10_000,
        about:
          "the most starts, of which the best counts; when absent 1, and 32 where the tables look symmetric or alike and no start is given"),
      seed: try seed())
  }
}

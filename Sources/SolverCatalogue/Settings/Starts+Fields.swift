import Documents
import OptimalTransport

// The only readers of the number of starts and of random seeds.

extension Fields {
  /// Reads the number of starts, of which the one with the lowest objective is kept.
  package func starts(
    default fallback: Int, about: String = "number of seeded starts, of which the lowest objective is kept"
  )
    throws(DocumentError) -> Int
  {
    try integer("starts", default: fallback, in: 1...10_000, about: about)
  }

  /// Reads the random seed; in a run, an absent seed is the run's own.
  package func seed(about: String = "seed of random choices") throws(DocumentError) -> UInt64 {
    // A run's own seed is not part of its settings, because each repetition has a different one.
    if let runSeed { return UInt64(try optionalInteger("seed", in: 0...Int.max, about: about) ?? runSeed) }
    return UInt64(try integer("seed", default: 1, in: 0...Int.max, about: about))
  }

  /// Reads the starts of a solver that matches the rows and columns of two tables, and their seed.
  package func anchoredStarts() throws(DocumentError) -> AnchoredStarts {
    AnchoredStarts(
      starts: try optionalInteger(
        "starts", in: 1...10_000,
        about:
          """
          largest number of starts, of which the best is kept; if absent 1, or 32 for symmetric or similar tables \
          without a given start
          """
      ),
      seed: try seed())
  }
}

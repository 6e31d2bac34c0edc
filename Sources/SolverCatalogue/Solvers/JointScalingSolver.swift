import Alignment
import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `jmds`.
struct JointScalingSolver: SolverDescription {
  static let name = "jmds"
  static let family = SolverFamily.embedding
  static let algorithm: Any.Type = JointScaling.self
  static let summary =
    """
    joint multidimensional scaling: an embedding of both spaces that preserves distances and brings matched points \
    together
    """
  static let inputs = [
    InputDescription("D1", "n×n", "distances in the first space; or give X"),
    InputDescription("D2", "m×m", "distances in the second space; or give Y"),
    InputDescription("X", "n×d", "points of the first space, instead of D1"),
    InputDescription("Y", "m×e", "points of the second space, instead of D2"),
  ]
  static let outputs: Glossary = [
    "value": "the objective: both stresses plus the weighted matching cost",
    "spread": "the highest minus the lowest value over the starts",
    "marginal_error": "the sum of the L1 errors of both marginals",
  ]

  private let metric: PointMetric
  private let scaling: JointScaling
  private let starts: Int
  private let seed: UInt64

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings)
    scaling = try JointScaling(settings)
    starts = try settings.starts(
      default: 10, about: "number of random initial embeddings, of which the lowest value is kept")
    seed = try settings.seed(about: "seed of the first start; further starts use consecutive seeds")
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 5, distances: 6, formed: 6) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let first = try inputs.space("D1", "X", weights: "", metric, isSymmetric: true).distances
    let second = try inputs.space("D2", "Y", weights: "", metric, isSymmetric: true).distances
    let search = try StartSearch.over(starts, monitor: monitor, by: \.stress) { start, monitor throws(ProblemError) in
      try scaling.embed(first, second, seed: seed &+ UInt64(start), monitor: monitor)
    }
    let best = search.answer
    var answer = SolverAnswer(status: best.status, iterations: best.iterations, trace: best.trace)
    answer.numbers = [("value", best.stress), ("spread", search.spread)]
    answer.add(Coupling(plan: best.plan, source: .uniform(best.plan.rows), target: .uniform(best.plan.columns)))
    answer.arrays += [
      ("points_first", NumericArray(best.first)), ("points_second", NumericArray(best.second)),
      ("starts/value", NumericArray(search.values)),
    ]
    return answer
  }
}

extension JointScaling {
  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - iterations: the default of `iterations`.
  ///   - given: α, if it is read elsewhere.
  /// - Throws: `DocumentError` if a setting has the wrong type or value.
  package init(_ fields: Fields, iterations: Int = 200, attraction given: Double? = nil) throws(DocumentError) {
    self.init()
    try fields.refuse("planEpsilon", since: "is now 'epsilon'")
    attraction =
      if let given { given } else {
        try fields.positiveNumber(
          "attraction", default: attraction, about: "α, the weight of the matching cost relative to the stresses")
      }
    epsilon = try fields.epsilon(in: "squared distances of the points", default: epsilon)
    dimension = try fields.integer("dimension", default: dimension, in: 1...100, about: "dimension of the common space")
    stopping = try StoppingRule(
      fields, default: StoppingRule(tolerance: stopping.tolerance, iterationLimit: iterations),
      about: "total displacement of the points (Euclidean norm) in one round at which to stop")
  }
}

import Alignment
import Documents
import LinearAlgebra
import OptimalTransport

/// `jmds`.
struct JointScalingSolver: SolverDescription {
  static let name = "jmds"
  static let family = SolverFamily.embedding
  static let algorithm: Any.Type = JointScaling.self
  static let summary = "joint multidimensional scaling: both spaces embedded so that distances are kept and what a plan matches lies close"
  static let inputs = [
    InputDescription("D1", "n×n", "distances in the first space; or X"), InputDescription("D2", "m×m", "in the second; or Y"),
    InputDescription("X", "n×d", "points of the first space, in place of D1"), InputDescription("Y", "m×e", "of the second"),
  ]
  static let outputs: Glossary = [
    "value": "the objective: both stresses and the weight of the match times its cost",
    "spread": "highest value less lowest over the starts",
    "marginal_error": "largest error of a marginal sum, L1",
  ]

  private let metric: PointMetric
  private let scaling: JointScaling
  private let starts: Int
  private let seed: UInt64

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings)
    scaling = try JointScaling(settings)
    starts = try settings.starts(default: 10, about: "random first embeddings; the lowest value is kept")
    seed = try settings.seed(about: "of the first start; others count on")
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
  ///   - iterations: the default of `iterations`.
  ///   - given: α, where it is read elsewhere.
  package init(_ fields: Fields, iterations: Int = 200, attraction given: Double? = nil) throws(DocumentError) {
    self.init()
    try fields.refuse("planEpsilon", since: "is now 'epsilon'")
    attraction =
      if let given { given } else {
        try fields.positiveNumber("attraction", default: attraction, about: "α, the weight of matched points against the distances")
      }
    epsilon = try fields.epsilon(in: "squared distances of the points", default: epsilon)
    dimension = try fields.integer("dimension", default: dimension, in: 1...100, about: "of the common space")
    stopping = try StoppingRule(
      fields, default: StoppingRule(tolerance: stopping.tolerance, iterationLimit: iterations),
      about: "by how far the points move in a round of matching and scaling, in all")
  }
}

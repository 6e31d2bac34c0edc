import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `coot`.
struct CoOptimalSolver: SolverDescription {
  static let name = "coot"
  static let family = SolverFamily.coOptimal
  static let algorithm: Any.Type = CoOptimalTransport.self
  static let summary =
    "CO-optimal transport, min Σ (X_ik − Y_jl)² P_ij Q_kl over plans P between rows and Q between columns; symmetric tables get several starts"
  static let inputs = InputDescription.tables + [.startOfFeatures]
  static let outputs: Glossary = [
    "value": "the objective without the entropy term", "regularized_value": "the objective with the entropy term",
    "marginal_error_sample_plan": "the sum of the L1 errors of both marginals of P",
    "marginal_error_feature_plan": "the sum of the L1 errors of both marginals of Q",
  ]
  static let balances = [BalancedWeights.sides, .featureSides]

  private let solver: CoOptimalTransport
  private let starts: AnchoredStarts

  init(_ settings: Fields) throws(DocumentError) {
    solver = try CoOptimalTransport(settings)
    starts = try settings.anchoredStarts()
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTables() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    try starts.solve(inputs.tables(.balanced), fromFeatures: inputs.matrix("Q0"), by: solver, monitor: monitor)
      .answer(keepsMarginals: true)
  }
}

extension CoOptimalTransport {
  /// Reads both ε and both stopping rules.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - iterations: the default of `iterations`.
  /// - Throws: `DocumentError` if a setting has the wrong type or value.
  package init(_ fields: Fields, iterations: Int = 500) throws(DocumentError) {
    func epsilon(_ key: String, _ about: String) throws(DocumentError) -> Double {
      try fields.number(key, default: 0, in: .notNegative, about: about)
    }
    self.init(
      sampleEpsilon: try epsilon("sampleEpsilon", "weight ε of the entropic regularization of P; 0 solves exactly"),
      featureEpsilon: try epsilon("featureEpsilon", "weight ε of the entropic regularization of Q; 0 solves exactly"),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: iterations),
        about: "decrease of the objective at which to stop, relative to its value at the product plans"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 5000)))
  }
}

extension ProblemInputs {
  /// Reads X, Y, and their weights as a CO-optimal transport problem.
  func tables(_ relaxation: MarginalRelaxation) throws -> CoOptimalProblem {
    try CoOptimalProblem(
      source: requiredMatrix("X"), target: requiredMatrix("Y"), samples: (vector("a"), vector("b")),
      features: (vector("c"), vector("d")), relaxation: relaxation)
  }
}

extension CoOptimalSolution {
  func answer(keepsMarginals: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: status, iterations: iterations, trace: trace)
    answer.numbers = [("value", value), ("regularized_value", regularizedValue)]
    answer.add(samples, name: "sample_plan", keepsMarginals: keepsMarginals)
    answer.add(features, name: "feature_plan", keepsMarginals: keepsMarginals)
    answer.add(samplePotentials, names: ("f_samples", "g_samples"))
    answer.add(featurePotentials, names: ("f_features", "g_features"))
    return answer
  }
}

import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `coot`.
struct CoOptimalSolver: SolverDescription {
  static let name = "coot"
  static let family = SolverFamily.coOptimal
  static let algorithm: Any.Type = CoOptimalTransport.self
  static let summary =
    """
    CO-optimal transport, min Σ (X_ik − Y_jl)² P_ij Q_kl over plans between rows and between columns, with linear \
    terms where there is MP or MQ; symmetric tables from several starts
    """
  static let inputs = InputDescription.tables + [.startOfFeatures] + InputDescription.linearTerms
  static let outputs = Glossary(joining: [
    [
      "value": "the objective without entropy", "regularized_value": "with entropy",
      "marginal_error_sample_plan": "largest error of a marginal sum of P, L1", "marginal_error_feature_plan": "of Q",
    ], LinearTerms.outputs,
  ])
  static let balances = [BalancedWeights.sides, .featureSides]

  private let solver: CoOptimalTransport
  private let starts: AnchoredStarts
  private let linear: LinearTerms

  init(_ settings: Fields) throws(DocumentError) {
    linear = try LinearTerms(settings)
    solver = try CoOptimalTransport(settings)
    starts = try settings.anchoredStarts()
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTables() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    try starts.solve(inputs.tables(.balanced, linear), fromFeatures: inputs.matrix("Q0"), by: solver, monitor: monitor)
      .answer(keepsMarginals: true, hasLinearTerms: linear.areIn(inputs))
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
  /// X and Y as a problem of matching rows and columns.
  func tables(_ relaxation: MarginalRelaxation, _ linear: LinearTerms) throws -> CoOptimalProblem {
    try CoOptimalProblem(
      source: requiredMatrix("X"), target: requiredMatrix("Y"), samples: (vector("a"), vector("b")),
      features: (vector("c"), vector("d")), relaxation: relaxation, linear: linear.matrices(self))
  }
}

extension CoOptimalSolution {
  func answer(keepsMarginals: Bool, hasLinearTerms: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: status, iterations: iterations, trace: trace)
    answer.numbers = [("value", value), ("regularized_value", regularizedValue)]
    if hasLinearTerms {
      answer.numbers += [
        ("quadratic_value", transportCost), ("linear_value_samples", linearCosts.samples),
        ("linear_value_features", linearCosts.features),
      ]
    }
    answer.add(samples, name: "sample_plan", keepsMarginals: keepsMarginals)
    answer.add(features, name: "feature_plan", keepsMarginals: keepsMarginals)
    answer.add(samplePotentials, names: ("f_samples", "g_samples"))
    answer.add(featurePotentials, names: ("f_features", "g_features"))
    return answer
  }
}

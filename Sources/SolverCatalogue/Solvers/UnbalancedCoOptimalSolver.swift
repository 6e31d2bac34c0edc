import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `ucoot`.
struct UnbalancedCoOptimalSolver: SolverDescription {
  static let name = "ucoot"
  static let family = SolverFamily.coOptimal
  static let algorithm: Any.Type = UnbalancedCoOptimalTransport.self
  static let summary =
    """
    unbalanced CO-optimal transport with penalties by KL or, without entropy, half the squared L2 norm on the \
    marginals of P⊗Q, with linear terms where there is MP or MQ; symmetric tables from several starts
    """
  static let inputs = InputDescription.tables + [.startOfFeatures] + InputDescription.linearTerms
  static let outputs = Glossary(joining: [
    [
      "value": "the objective without entropy", "regularized_value": "with entropy", "mass": "of the plan between rows",
      "marginal_error_sample_plan": "largest error of a marginal sum of P, L1, where all are prescribed",
      "marginal_error_feature_plan": "of Q",
    ], LinearTerms.outputs,
  ])
  static let balances = [BalancedWeights.sides, .featureSides]

  private let relaxation: MarginalRelaxation
  private let solver: UnbalancedCoOptimalTransport
  private let starts: AnchoredStarts
  private let linear: LinearTerms

  init(_ settings: Fields) throws(DocumentError) {
    relaxation = try settings.relaxation(of: "penalty")
    var solver = try UnbalancedCoOptimalTransport(settings)
    solver.featureEpsilon = try settings.optionalNumber(
      "featureEpsilon", in: .notNegative,
      about: "weight of the entropy of Q; epsilon is then that of P, and not of both together")
    solver.penalty = try settings.productPenalty()
    self.solver = solver
    linear = try LinearTerms(settings)
    starts = try settings.anchoredStarts()
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTables() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let solution = try starts.solve(
      inputs.tables(relaxation, linear), fromFeatures: inputs.matrix("Q0"), by: solver, monitor: monitor)
    var answer = solution.answer(keepsMarginals: relaxation.isBalanced, hasLinearTerms: linear.areIn(inputs))
    answer.numbers.append(("mass", compensatedSum(solution.samples.plan.rowSums)))
    return answer
  }
}

extension UnbalancedCoOptimalTransport {
  /// Reads ε and both stopping rules.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - epsilon: the default of ε; nil makes the key required.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or a required one is absent.
  package init(_ fields: Fields, epsilon: Double? = nil) throws(DocumentError) {
    self.init(
      epsilon: try fields.epsilon(in: "squared data", default: epsilon, allowsNone: true),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "L1 change of both plans at which to stop, relative to the mass"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-10, iterationLimit: 3000)))
  }
}

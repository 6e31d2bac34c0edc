import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `ucoot`.
struct UnbalancedCoOptimalSolver: SolverDescription {
  static let name = "ucoot"
  static let family = SolverFamily.coOptimal
  static let algorithm: Any.Type = UnbalancedCoOptimalTransport.self
  static let summary =
    "unbalanced CO-optimal transport with KL penalties on the marginals of P⊗Q; symmetric tables get several starts"
  static let inputs = InputDescription.tables + [.startOfFeatures]
  static let outputs: Glossary = [
    "value": "the objective without the entropy term", "regularized_value": "the objective with the entropy term",
    "mass": "the mass of the plan between rows",
    "marginal_error_sample_plan": "the sum of the L1 errors of both marginals of P, if all are prescribed",
    "marginal_error_feature_plan": "the sum of the L1 errors of both marginals of Q",
  ]
  static let balances = [BalancedWeights.sides, .featureSides]

  private let relaxation: MarginalRelaxation
  private let solver: UnbalancedCoOptimalTransport
  private let starts: AnchoredStarts

  init(_ settings: Fields) throws(DocumentError) {
    relaxation = try settings.relaxation()
    solver = try UnbalancedCoOptimalTransport(settings)
    starts = try settings.anchoredStarts()
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTables() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let solution = try starts.solve(inputs.tables(relaxation), fromFeatures: inputs.matrix("Q0"), by: solver, monitor: monitor)
    var answer = solution.answer(keepsMarginals: relaxation.isBalanced)
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
      epsilon: try fields.epsilon(in: "squared data", default: epsilon),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "L1 change of both plans at which to stop, relative to the mass"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-10, iterationLimit: 3000)))
  }
}

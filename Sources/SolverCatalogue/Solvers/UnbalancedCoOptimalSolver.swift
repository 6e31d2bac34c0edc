import Documents
import LinearAlgebra
import OptimalTransport

/// `ucoot`.
struct UnbalancedCoOptimalSolver: SolverDescription {
  static let name = "ucoot"
  static let family = SolverFamily.coOptimal
  static let algorithm: Any.Type = UnbalancedCoOptimalTransport.self
  static let summary =
    "unbalanced CO-optimal transport with KL penalties on the marginals of P⊗Q; symmetric tables from several starts"
  static let inputs = InputDescription.tables + [.startOfFeatures]
  static let outputs: Glossary = [
    "value": "the objective without entropy", "regularized_value": "with entropy", "mass": "of the plan between rows",
    "marginal_error_sample_plan": "largest error of a marginal sum of P, L1, where all are prescribed",
    "marginal_error_feature_plan": "of Q",
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
  /// - Parameter epsilon: what an absent ε stands for; nil asks for one.
  package init(_ fields: Fields, epsilon: Double? = nil) throws(DocumentError) {
    self.init(
      epsilon: try fields.epsilon(in: "squared data", default: epsilon),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "change of both plans (L1), as a fraction of the mass"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-10, iterationLimit: 3000)))
  }
}

import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `third-lower-bound`.
struct ThirdLowerBoundSolver: SolverDescription {
  static let name = "third-lower-bound"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = ThirdLowerBound.self
  static let summary =
    "Mémoli's third lower bound of Gromov–Wasserstein, exact, by transport between the points' distance distributions"
  static let inputs = InputDescription.spaces
  static let outputs: Glossary = [
    "value": "the bound on the squared distance", "marginal_error": "the sum of the L1 errors of both marginals",
  ]
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings

  init(_ settings: Fields) throws(DocumentError) { spaces = try SpaceSettings(settings) }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 4, distances: 3, formed: 3) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let solution = try ThirdLowerBound().solve(QuadraticProblem(source: source, target: target))
    var answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
    answer.numbers = [("value", solution.value)]
    answer.add(solution.coupling)
    return answer
  }
}

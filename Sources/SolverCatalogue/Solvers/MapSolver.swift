import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry `map`.
struct MapSolver: SolverDescription {
  static let name = "map"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = EntropicMap.self
  static let summary = "a transport map fitted on X and Y at squared Euclidean cost, applied to any points Z"
  static let inputs = [
    InputDescription("X", "n×d", "source points that the map is fitted on"),
    InputDescription("Y", "m×d", "target points that the map is fitted on"),
    InputDescription("Z", "k×d", "points to be mapped; X if absent"), .sourceWeights, .targetWeights,
  ]
  static let outputs: Glossary = [
    "value":
      """
    W_2² of what the map is made of: the plan's transport cost, the Gaussians' distance, or the semi-dual's lower \
    bound
    """
  ]
  static let balances = [BalancedWeights.sides]

  private let settings: MapSettings

  init(_ settings: Fields) throws(DocumentError) {
    // `otlab solve map --set name=…` names the map; a manifest's name is the solver's own, and was read before.
    settings.alias("name", for: "method")
    self.settings = try MapSettings(settings, key: "method")
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let (n, m, d) = (try inputs.rows("X"), try inputs.rows("Y"), try inputs.columns("X"))
    let need = settings.memory(n, m, dimension: d)
    return MemoryNeed(
      numbers: need.numbers + 3 * Double(try inputs.rows("Z", "X")) * Double(max(d, 1)), problem: need.problem)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("X and Y") }
    let z = try inputs.points("Z") ?? x
    let fitted = try settings.fitted(x, y, weights: (inputs.vector("a"), inputs.vector("b")), monitor: monitor)
    var answer = SolverAnswer(status: fitted.status, iterations: fitted.iterations, trace: fitted.trace)
    answer.numbers = [("value", fitted.value)]
    answer.arrays = [("images", NumericArray(try fitted.map(z)))]
    return answer
  }
}

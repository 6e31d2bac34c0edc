import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `uot-cone`.
struct ConeTransportSolver: SolverDescription {
  static let name = "uot-cone"
  static let family = SolverFamily.conic
  static let algorithm: Any.Type = ConicTransport.self
  static let summary =
    """
    unbalanced transport in conic form (Wasserstein–Fisher–Rao, Gaussian–Hellinger) by semi-couplings, with a \
    certified duality gap
    """
  static let inputs = [
    InputDescription("D", "n×m", "distances; or give X and Y"),
    InputDescription("X", "n×d", "source points, Euclidean"),
    InputDescription("Y", "m×d", "target points"), .sourceWeights, .targetWeights,
  ]
  static let outputs: Glossary = [
    "value": "the squared distance", "distance": "the distance, the square root of value",
    "gap": "the certified gap between value and the dual bound",
  ]

  private let delta: Double
  private let solver: ConicTransport

  init(_ settings: Fields) throws(DocumentError) {
    delta = try settings.positiveNumber(
      "delta", about: "length scale δ > 0, in units of the distances; mass moves by less than cap · δ")
    solver = ConicTransport(
      kernel: try ConeKernel(settings, default: .cosine),
      sweeps: try settings.integer(
        "sweeps", default: 10, in: 1...1000, about: "sweeps between computations of the duality gap"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 5000),
        about: "duality gap at which to stop, relative to the dual bound"))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    MemoryNeed(
      try inputs.rows("D", "X"), inputs.contains("D") ? try inputs.columns("D") : try inputs.rows("Y"), plans: 8)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let distances: Matrix
    if let given = try inputs.matrix("D") {
      if inputs.contains("X") || inputs.contains("Y") { throw inputs.missing("either D or X and Y, not both") }
      distances = given
    } else {
      guard let x = try inputs.points("X"), let y = try inputs.points("Y") else {
        throw inputs.missing("D, or X and Y")
      }
      distances = try PointMetric.euclidean.cost(x, y)
    }
    let solution = try solver.solve(
      distances: distances, source: inputs.vector("a") ?? .uniform(distances.rows),
      target: inputs.vector("b") ?? .uniform(distances.columns), delta: delta, monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [("value", solution.squaredDistance), ("distance", solution.distance), ("gap", solution.gap)]
    answer.add(solution.coupling, ("P0", "P1"))
    return answer
  }
}

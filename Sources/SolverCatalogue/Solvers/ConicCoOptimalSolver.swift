import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `ccot`.
struct ConicCoOptimalSolver: SolverDescription {
  static let name = "ccot"
  static let family = SolverFamily.conic
  static let algorithm: Any.Type = ConicCoOptimalTransport.self
  static let summary =
    """
    conic CO-optimal transport: rows and columns of two tables are matched by semi-couplings, which drop what matches \
    nothing; symmetric tables get several starts
    """
  static let inputs = InputDescription.tables
  static let outputs: Glossary = [
    "value": "the squared distance", "distance": "the distance, the square root of value",
    "similarity": "the similarity F that is maximized",
    "kernel_error": "the error bound of sums over a separated kernel",
  ]

  private let cone: ConeSettings
  private let starts: AnchoredStarts

  init(_ settings: Fields) throws(DocumentError) {
    starts = try settings.anchoredStarts()
    cone = try ConeSettings(settings, seed: starts.seed)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTables() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    func table(_ name: String, _ rows: String, _ columns: String) throws -> Hypernetwork {
      try Hypernetwork(
        values: .dense(inputs.requiredMatrix(name)), nodes: inputs.vector(rows), hyperedges: inputs.vector(columns),
        name: name)
    }
    let problem = try ConicProblem(
      first: table("X", "a", "c"), second: table("Y", "b", "d"), kernel: cone.kernel, delta: cone.delta)
    let solution = try starts.solve(problem, by: ConicCoOptimalTransport(cone.ascent), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.squaredDistance), ("distance", solution.distance), ("similarity", solution.similarity),
      ("kernel_error", solution.kernelError),
    ]
    answer.add(solution.nodes, ("P0", "P1"))
    answer.add(solution.hyperedges, ("Q0", "Q1"))
    return answer
  }
}

extension SolverAnswer {
  /// Adds both halves of a semi-coupling, whose marginals are not prescribed.
  mutating func add(_ coupling: SemiCoupling, _ names: (String, String)) {
    for (name, half) in [(names.0, coupling.source), (names.1, coupling.target)] {
      add(Coupling(plan: half, source: half.rowSums, target: half.columnSums), name: name, keepsMarginals: false)
    }
  }
}

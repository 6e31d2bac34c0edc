import Documents
import LinearAlgebra
import OptimalTransport

/// `cgw`.
struct ConicGromovWassersteinSolver: SolverDescription {
  static let name = "cgw"
  static let family = SolverFamily.conic
  static let algorithm: Any.Type = ConicGromovWasserstein.self
  static let summary =
    "conic Gromov–Wasserstein between two networks of any masses, by their values or by their edges; symmetric ones from several starts"
  static let inputs = [
    InputDescription("W1", "n×n", "values of the first network; or E1"), InputDescription("W2", "m×m", "values of the second; or E2"),
    InputDescription("E1", "k×2", "edges of the first, pairs of nodes counted from 0: values 1, all others 0"),
    InputDescription("E2", "l×2", "edges of the second"), .sourceWeights, .targetWeights, .start,
  ]
  static let outputs: Glossary = [
    "value": "the squared distance, an upper bound", "distance": "its root", "lower_value": "the relaxed problem's squared distance",
    "kernel_error": "of the sums by a separated kernel",
  ]

  private let cone: ConeSettings
  private let starts: AnchoredStarts
  private let isDirected: Bool

  init(_ settings: Fields) throws(DocumentError) {
    isDirected = try settings.bool("directed", default: false, about: "takes edges in their direction only")
    starts = try settings.anchoredStarts()
    cone = try ConeSettings(settings, seed: starts.seed)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    // 14 matrices of a network: as measured, not derived.
    MemoryNeed(
      try inputs.nodes("W1", edges: "E1", weights: "a"), try inputs.nodes("W2", edges: "E2", weights: "b"), plans: 16,
      source: inputs.contains("W1") ? 14 : 0, target: inputs.contains("W2") ? 14 : 0)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let networks = (
      try inputs.network("W1", edges: "E1", weights: "a", isDirected: isDirected),
      try inputs.network("W2", edges: "E2", weights: "b", isDirected: isDirected)
    )
    let problem = try ConicProblem(first: networks.0, second: networks.1, kernel: cone.kernel, delta: cone.delta)
    let solution = try starts.solve(problem, from: inputs.matrix("P0"), by: ConicGromovWasserstein(cone.ascent), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.upperSquared), ("distance", solution.distance), ("lower_value", solution.lowerSquared),
      ("kernel_error", solution.relaxation.kernelError),
    ]
    answer.add(solution.coupling, ("P0", "P1"))
    return answer
  }
}

extension ProblemInputs {
  /// How many nodes a network has.
  fileprivate func nodes(_ values: String, edges: String, weights: String) throws -> Int {
    if contains(values) || contains(weights) { return try rows(values, weights) }
    guard let (array, place) = try array(edges) else { return 0 }
    return try Self.pairs(array, name: edges, place: place).map { max($0.row, $0.column) + 1 }.max() ?? 0
  }

  /// A network by its values or by its edges; it has as many nodes as weights, or, without these, as edges name.
  fileprivate func network(_ values: String, edges: String, weights: String, isDirected: Bool) throws -> Hypernetwork {
    let weights = try vector(weights)
    if let matrix = try matrix(values) {
      if contains(edges) { throw missing("either \(values) or \(edges), not both") }
      return try .network(.dense(matrix), weights: weights, name: values)
    }
    guard let (array, place) = try array(edges) else { throw missing("\(values) or \(edges)") }
    let pairs = try Self.pairs(array, name: edges, place: place)
    let count = weights?.count ?? (pairs.map { max($0.row, $0.column) + 1 }.max() ?? 0)
    let ones = isDirected ? pairs : pairs + pairs.map { (row: $0.column, column: $0.row) }
    return try .network(.adjacency(Adjacency(rows: count, columns: count, ones: ones)), weights: weights, name: edges)
  }

  private static func pairs(_ array: NumericArray, name: String, place: String) throws(InputError) -> [(row: Int, column: Int)] {
    guard array.shape.count == 2, array.shape[1] == 2 else {
      throw InputError(place: place, problem: "'\(name)' is \(array.shapeText), but pairs of nodes (k×2) were expected")
    }
    if let index = array.elements.firstIndex(where: { !($0 >= 0 && $0 < 2147483647 && $0 == $0.rounded()) }) {
      throw InputError(
        place: place,
        problem: "edge \(index / 2) of '\(name)' names the node \(array.elements[index]), but whole numbers from 0 were expected")
    }
    return (0..<array.shape[0]).map { (row: Int(array.elements[2 * $0]), column: Int(array.elements[2 * $0 + 1])) }
  }
}

import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `cgw`.
struct ConicGromovWassersteinSolver: SolverDescription {
  static let name = "cgw"
  static let family = SolverFamily.conic
  static let algorithm: Any.Type = ConicGromovWasserstein.self
  static let summary =
    """
    conic Gromov–Wasserstein between two networks of arbitrary masses, given by values or edges; symmetric networks \
    get several starts
    """
  static let inputs = [
    InputDescription("W1", "n×n", "values of the first network; or give E1"),
    InputDescription("W2", "m×m", "values of the second network; or give E2"),
    InputDescription(
      "E1", "k×2", "edges of the first network, pairs of nodes counted from 0; they have value 1, and other pairs 0"),
    InputDescription("E2", "l×2", "edges of the second network"), .sourceWeights, .targetWeights, .start,
  ]
  static let outputs: Glossary = [
    "value": "the squared distance, an upper bound", "distance": "the distance, the square root of value",
    "lower_value": "the squared distance of the relaxed problem, a lower value",
    "kernel_error": "the error bound of sums over a separated kernel",
  ]

  private let cone: ConeSettings
  private let starts: AnchoredStarts
  private let isDirected: Bool

  init(_ settings: Fields) throws(DocumentError) {
    isDirected = try settings.bool("directed", default: false, about: "whether edges are directed")
    starts = try settings.anchoredStarts()
    cone = try ConeSettings(settings, seed: starts.seed)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    // The 14 matrices per network were measured, not derived.
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
    let solution = try starts.solve(
      problem, from: inputs.matrix("P0"), by: ConicGromovWasserstein(cone.ascent), monitor: monitor)
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
  /// The number of nodes of a network.
  fileprivate func nodes(_ values: String, edges: String, weights: String) throws -> Int {
    if contains(values) || contains(weights) { return try rows(values, weights) }
    guard let (array, place) = try array(edges) else { return 0 }
    return try Self.pairs(array, name: edges, place: place).map { max($0.row, $0.column) + 1 }.max() ?? 0
  }

  /// Reads a network from its values or edges; it has as many nodes as weights, or as many as its edges name.
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

  private static func pairs(_ array: NumericArray, name: String, place: String) throws(InputError) -> [(
    row: Int, column: Int
  )] {
    guard array.shape.count == 2, array.shape[1] == 2 else {
      throw InputError(place: place, problem: "'\(name)' is \(array.shapeText), but pairs of nodes (k×2) were expected")
    }
    if let index = array.elements.firstIndex(where: { !($0 >= 0 && $0 < 2147483647 && $0 == $0.rounded()) }) {
      throw InputError(
        place: place,
        problem:
          """
          edge \(index / 2) of '\(name)' names the node \(array.elements[index]), but nonnegative integers were \
          expected
          """
      )
    }
    return (0..<array.shape[0]).map { (row: Int(array.elements[2 * $0]), column: Int(array.elements[2 * $0 + 1])) }
  }
}

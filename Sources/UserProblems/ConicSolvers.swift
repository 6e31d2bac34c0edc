import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let conic = [ccot, cgw, coneTransport]

  private enum Kernel: String, CaseIterable { case gaussian, cosine }

  private static func kernel(_ fields: Fields, default fallback: Kernel) throws(DocumentError) -> ConeKernel {
    let choice: Kernel = try fields.choice("kernel", default: fallback, about: "exp(−z²/2), or cos(min(z, cap)), z = |difference|/δ")
    let cap = try fields.number("cap", default: .pi / 2, in: .above(0, to: .pi), about: "where the cosine stops falling")
    return choice == .gaussian ? .gaussianHellinger : .wassersteinFisherRao(cap: cap)
  }

  /// The ascent, and where it starts; one seed serves both.
  private static func ascent(_ fields: Fields) throws(DocumentError) -> (SemiCouplingAscent, AnchoredStarts) {
    let starts = try fields.anchoredStarts()
    let ascent = SemiCouplingAscent(
      sweeps: try fields.integer("sweeps", default: 10, in: 1...1000, about: "with frozen sums; 20 to 100 for δ of 3 and more"),
      stopping: try fields.stopping(tolerance: 1e-7, iterations: 5000, about: "relative fall of the squared distance in ten iterations"),
      continuation: try fields.optionalPositiveNumbers("continuation", about: "smaller δ to be solved for first") ?? [],
      jitter: try fields.number("jitter", default: 0, in: .from(0, below: 1), about: "relative noise on the start"),
      seed: starts.seed,
      evaluation: try fields.choice("evaluation", default: .automatic, about: "how the kernel's sums are formed"))
    return (ascent, starts)
  }

  private static let delta = "δ > 0, in units of the values: what differs by much more is not worth matching"

  private static func add(_ coupling: SemiCoupling, _ names: (String, String), to answer: inout SolverAnswer) {
    for (name, half) in [(names.0, coupling.first), (names.1, coupling.second)] {
      answer.add(Coupling(plan: half, source: half.rowSums, target: half.columnSums), name: name, keepsMarginals: false)
    }
  }

  private static let ccot = SolverEntry(
    "ccot",
    "conic CO-optimal transport: rows and columns of two tables matched by semi-couplings, what fits nothing left out; symmetric tables from several starts",
    inputs: [
      InputDescription("X", "n×d", "source data"), InputDescription("Y", "m×e", "target data"),
      InputDescription("a", "n", "masses of the rows of X; uniform when absent"),
      InputDescription("b", "m", "masses of the rows of Y; uniform when absent"),
      InputDescription("c", "d", "masses of the columns of X; uniform when absent"),
      InputDescription("d", "e", "masses of the columns of Y; uniform when absent"),
    ]
  ) { fields throws(DocumentError) in
    let kernel = try kernel(fields, default: .gaussian)
    let delta = try fields.positiveNumber("delta", about: delta)
    let (ascent, starts) = try ascent(fields)
    return Job(memory: { try $0.memoryOfTables() }) { inputs in
      func table(_ name: String, _ rows: String, _ columns: String) throws -> Hypernetwork {
        try Hypernetwork(
          values: .dense(inputs.requiredMatrix(name)), nodes: inputs.vector(rows), hyperedges: inputs.vector(columns), name: name)
      }
      let problem = try ConicProblem(first: table("X", "a", "c"), second: table("Y", "b", "d"), kernel: kernel, delta: delta)
      let solution = try starts.solve(problem, by: ConicCoOptimalTransport(ascent))
      var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers = [
        ("value", solution.squaredDistance), ("distance", solution.distance), ("similarity", solution.similarity),
        ("kernel_error", solution.kernelError),
      ]
      add(solution.nodes, ("P0", "P1"), to: &answer)
      add(solution.hyperedges, ("Q0", "Q1"), to: &answer)
      return answer
    }
  }

  private static let cgw = SolverEntry(
    "cgw",
    "conic Gromov–Wasserstein between two networks of any masses, by their values or by their edges; symmetric ones from several starts",
    inputs: [
      InputDescription("W1", "n×n", "values of the first network; or E1"), InputDescription("W2", "m×m", "values of the second; or E2"),
      InputDescription("E1", "k×2", "edges of the first, pairs of nodes counted from 0: values 1, all others 0"),
      InputDescription("E2", "l×2", "edges of the second"), .sourceWeights, .targetWeights, .start,
    ]
  ) { fields throws(DocumentError) in
    let kernel = try kernel(fields, default: .gaussian)
    let delta = try fields.positiveNumber("delta", about: delta)
    let isDirected = try fields.bool("directed", default: false, about: "takes edges in their direction only")
    let (ascent, starts) = try ascent(fields)
    return Job { inputs in
      MemoryNeed(
        try inputs.nodes("W1", edges: "E1", weights: "a"), try inputs.nodes("W2", edges: "E2", weights: "b"), plans: 16,
        source: inputs.contains("W1") ? 3 : 0, target: inputs.contains("W2") ? 3 : 0)
    } solve: { inputs in
      let networks = (
        try inputs.network("W1", edges: "E1", weights: "a", isDirected: isDirected),
        try inputs.network("W2", edges: "E2", weights: "b", isDirected: isDirected)
      )
      let problem = try ConicProblem(first: networks.0, second: networks.1, kernel: kernel, delta: delta)
      let solution = try starts.solve(problem, from: inputs.matrix("P0"), by: ConicGromovWasserstein(ascent))
      var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers = [
        ("value", solution.upperSquared), ("distance", solution.distance), ("lower_value", solution.lowerSquared),
        ("kernel_error", solution.relaxation.kernelError),
      ]
      add(solution.coupling, ("P0", "P1"), to: &answer)
      return answer
    }
  }

  private static let coneTransport = SolverEntry(
    "uot-cone", "unbalanced transport on the cone (Wasserstein–Fisher–Rao, Gaussian–Hellinger) by semi-couplings, with a certified gap",
    inputs: [
      InputDescription("D", "n×m", "distances; or X and Y"), InputDescription("X", "n×d", "source points, Euclidean"),
      InputDescription("Y", "m×d", "target points"), .sourceWeights, .targetWeights,
    ]
  ) { fields throws(DocumentError) in
    let delta = try fields.positiveNumber("delta", about: "δ > 0, in units of the distances: mass moves by less than cap · δ")
    let solver = ConicTransport(
      kernel: try kernel(fields, default: .cosine),
      sweeps: try fields.integer("sweeps", default: 10, in: 1...1000, about: "between looks at the gap"),
      stopping: try fields.stopping(tolerance: 1e-6, iterations: 5000, about: "duality gap, as a fraction of the bound"))
    return Job {
      MemoryNeed(try $0.rows("D", "X"), $0.contains("D") ? try $0.columns("D") : try $0.rows("Y"), plans: 8)
    } solve: { inputs in
      let distances: Matrix
      if let given = try inputs.matrix("D") {
        if inputs.contains("X") || inputs.contains("Y") { throw inputs.missing("either D or X and Y, not both") }
        distances = given
      } else {
        guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("D, or X and Y") }
        distances = try PointMetric.euclidean.cost(x, y)
      }
      let solution = try solver.solve(
        distances: distances, source: inputs.vector("a") ?? .uniform(distances.rows),
        target: inputs.vector("b") ?? .uniform(distances.columns),
        delta: delta)
      var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers = [("value", solution.squaredDistance), ("distance", solution.distance), ("gap", solution.gap)]
      add(solution.coupling, ("P0", "P1"), to: &answer)
      return answer
    }
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

  private static func pairs(_ array: NumericArray, name: String, place: String) throws(DataError) -> [(row: Int, column: Int)] {
    guard array.shape.count == 2, array.shape[1] == 2 else {
      throw DataError(.unfit, path: place, problem: "'\(name)' is \(array.shapeText), but pairs of nodes (k×2) were expected")
    }
    if let index = array.elements.firstIndex(where: { !($0 >= 0 && $0 < 2147483647 && $0 == $0.rounded()) }) {
      throw DataError(
        .unfit, path: place,
        problem: "edge \(index / 2) of '\(name)' names the node \(array.elements[index]), but whole numbers from 0 were expected")
    }
    return (0..<array.shape[0]).map { (row: Int(array.elements[2 * $0]), column: Int(array.elements[2 * $0 + 1])) }
  }
}

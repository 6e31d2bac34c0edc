import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `joint-embedding`.
struct JointEmbeddingSolver: SolverDescription {
  static let name = "joint-embedding"
  static let family = SolverFamily.embedding
  static let algorithm: Any.Type = JointEmbedding.self
  static let summary =
    """
    joint embedding of two spaces into a third, EW_λ: min ⟨d_Z², π⟩ + λ (distortion of the first + distortion of the \
    second)
    """
  static let inputs =
    InputDescription.spaces + [
      InputDescription("DZ", "k×k", "distances of the target space; or give Z, or choose a grid by the setting target"),
      InputDescription("Z", "k×d", "points of the target space, with Euclidean distances"),
    ]
  static let outputs: Glossary = [
    "value": "the objective without the entropy term, an upper bound of EW_λ",
    "regularized_value": "the objective with the entropy term",
    "transport_cost": "the transport cost ⟨d_Z², π⟩ between the two embeddings",
    "distortion_first": "the distortion ∬ |d_1 − d_Z|² of the first embedding",
    "distortion_second": "the distortion ∬ |d_2 − d_Z|² of the second embedding",
    "weight": "λ of the objective, under the chosen convention",
    "spread": "the highest minus the lowest objective over the starts",
    "marginal_error": "the sum of the L1 errors of both marginals of the plan",
  ]
  static let balances = [BalancedWeights.sides]

  /// The space into which the two spaces are embedded.
  private enum Target: String, CaseIterable {
    /// The inputs DZ or Z.
    case given
    /// A rectangular grid in the plane.
    case grid
    /// A flat torus: a rectangular grid with opposite sides identified.
    case torus
    /// A grid of longitudes and latitudes on a sphere.
    case globe
  }

  private let metric: PointMetric
  private let target: Target
  private let lattice: (rows: Int, columns: Int, unit: Double?)
  private let convention: JointEmbeddingProblem.Convention
  private let embedding: EmbeddingSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings)
    target = try settings.choice(
      "target", default: .grid, about: "the target space: a grid of points, or given by the inputs DZ or Z")
    if target == .given {
      lattice = (0, 0, nil)
    } else {
      lattice = (
        try settings.integer("rows", default: 20, in: 2...1000, about: "number of rows of the target's grid"),
        try settings.integer("columns", default: 20, in: 2...1000, about: "number of columns of the target's grid"),
        target == .globe
          ? nil
          : try settings.optionalPositiveNumber(
            "unit", about: "grid spacing; if absent, the target's longest distance is 1.3 times that of the spaces")
      )
    }
    convention = try settings.choice(
      "convention", default: .normalized,
      about: "the convention for λ; normalized divides the target's squared distances by their maximum")
    embedding = try EmbeddingSettings(
      settings, weight: 1,
      default: JointEmbedding(
        epsilon: 1e-3, annealing: Annealing(start: 2e-2, factor: 0.7, steps: 2),
        stopping: StoppingRule(tolerance: 1e-4, iterationLimit: 200)), starts: 3)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let points = target == .given ? try inputs.rows("DZ", "Z") : lattice.rows * lattice.columns
    let (first, second) = (try inputs.rows("D1", "X"), try inputs.rows("D2", "Y"))
    let distances = 4 * (Double(first * first) + Double(second * second))
    return MemoryNeed(
      numbers: JointEmbeddingProblem.memory(first: first, second: second, target: points) / 8 + distances,
      problem: "a joint embedding of \(first) and \(second) points into \(points)")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let first = try inputs.space("D1", "X", weights: "a", metric, isSymmetric: true)
    let second = try inputs.space("D2", "Y", weights: "b", metric, isSymmetric: true)
    let largest = max(first.distances.elements.max() ?? 0, second.distances.elements.max() ?? 0)
    let (geometry, places) = try geometry(inputs, largest: largest > 0 ? largest : 1)
    func problem(_ weight: Double) throws(ProblemError) -> JointEmbeddingProblem {
      try JointEmbeddingProblem(first: first, second: second, target: geometry, lambda: weight, convention: convention)
    }
    let last = try problem(embedding.distortionWeight)
    let leading = try embedding.leadBy.map { weight throws(ProblemError) in try problem(weight) }
    let search = try embedding.best(last, leadBy: leading, monitor: monitor)
    let solution = search.answer
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("regularized_value", solution.regularizedValue),
      ("transport_cost", solution.transportCost),
      ("distortion_first", solution.distortions.first), ("distortion_second", solution.distortions.second),
      ("weight", last.lambda),
      ("spread", search.spread),
    ]
    answer.add(solution.matching)
    answer.arrays += [
      ("first", NumericArray(solution.first.plan)), ("second", NumericArray(solution.second.plan)),
      ("image_first", NumericArray(solution.images.first)), ("image_second", NumericArray(solution.images.second)),
      ("starts/value", NumericArray(search.values)),
    ]
    if let places {
      answer.arrays += [
        ("points_first", NumericArray(solution.first.barycentricProjection(onto: places))),
        ("points_second", NumericArray(solution.second.barycentricProjection(onto: places))),
      ]
    }
    return answer
  }

  /// The geometry of the target, scaled to the largest distance of the spaces, and the coordinates of its points if
  /// they have any.
  private func geometry(_ inputs: ProblemInputs, largest: Double) throws -> (DistanceGeometry, places: Matrix?) {
    let isGiven = inputs.contains("DZ") || inputs.contains("Z")
    if isGiven, target != .given {
      throw inputs.missing(
        "either DZ or Z with \(inputs.option("target=given")), or the grid of target=\(target.rawValue)")
    }
    let (rows, columns) = (lattice.rows, lattice.columns)
    switch target {
    case .given:
      if let distances = try inputs.matrix("DZ") {
        if inputs.contains("Z") { throw inputs.missing("either DZ or Z, not both") }
        return (.symmetric(inputs.symmetrized(distances, "DZ")), nil)
      }
      guard let points = try inputs.points("Z") else { throw inputs.missing("DZ or Z, the target") }
      return (.euclidean(points: points), points)
    case .grid:
      let unit = lattice.unit ?? largest * Self.unit(across: [Double(rows - 1), Double(columns - 1)])
      let places = Matrix(rows: rows * columns, columns: 2) { unit * Double($1 == 0 ? $0 % columns : $0 / columns) }
      return (.lattice(try .pixels(rows: rows, columns: columns, unit: unit)), places)
    case .torus:
      let unit = lattice.unit ?? largest * Self.unit(across: [Double(rows / 2), Double(columns / 2)])
      let torus = try LatticeDistances.stationary(rows: rows, columns: columns, isCyclic: true) { lag, j, k in
        let across = Double(min(abs(j - k), columns - abs(j - k)))
        return unit * (Double(lag * lag) + across * across).squareRoot()
      }
      return (.lattice(torus), nil)
    case .globe: return (.lattice(try .globe(meridians: rows, parallels: columns)), nil)
    }
  }

  /// The grid spacing that makes the longest distance 1.3, so that spaces with largest distance 1 fit in any
  /// orientation.
  private static func unit(across sides: [Double]) -> Double { 1.3 / sides.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension EmbeddingSettings {
  /// Returns the solution with the lowest objective over all starts.
  package func best(
    _ problem: JointEmbeddingProblem, leadBy leading: JointEmbeddingProblem?, monitor: Monitor? = nil
  ) throws(ProblemError) -> StartSearch<JointEmbeddingSolution> {
    let solvers = solvers
    return try StartSearch.over(solvers.count, monitor: monitor, by: \.value) { start, monitor throws(ProblemError) in
      try solvers[start].solve(problem, leadBy: leading, monitor: monitor).solution
    }
  }
}

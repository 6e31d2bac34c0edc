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
    "value": "W_2² of what the map is made of: the plan's transport cost, the Gaussians' distance, or the semi-dual's lower bound"
  ]
  static let balances = [BalancedWeights.sides]

  /// The families of maps.
  enum Method: String, CaseIterable {
    case nearest
    case entropic
    case gaussian
    case convex
  }

  /// What fits a map.
  private enum Fit {
    case nearest(epsilon: SinkhornSettings?, neighbors: Int, extendsBy: NearestNeighborMap.Extension)
    case entropic(SinkhornSettings)
    case gaussian(ridge: Double)
    case convex(ConvexPotentialFit)
  }

  private let fit: Fit

  init(_ settings: Fields) throws(DocumentError) {
    // A manifest's name is the solver's own, and was read before.
    settings.alias("name", for: "method")
    let method: Method = try settings.choice(
      "method", default: .nearest,
      about: """
        the map: barycentric projection extended by nearest neighbors, entropic map, map between the samples' Gaussians, or gradient of a convex \
        potential; `otlab solve map` takes it as `name` as well
        """)
    switch method {
    case .nearest:
      let plan: PlanKind = try settings.choice("plan", default: .exact, about: "the plan whose barycentric projection is taken")
      fit = .nearest(
        epsilon: plan == .entropic ? try SinkhornSettings(settings) : nil,
        neighbors: try settings.integer("neighbors", default: 1, about: "how many nearest neighbors a new point is mapped by"),
        extendsBy: try settings.choice("extension", default: .shift, about: "what neighbors hand on: their shift, or their image"))
    case .entropic: fit = .entropic(try SinkhornSettings(settings))
    case .gaussian:
      fit = .gaussian(ridge: try settings.ridge())
    case .convex: fit = .convex(try ConvexPotentialFit(settings))
    }
  }

  /// The plans whose projection `nearest` takes.
  private enum PlanKind: String, CaseIterable {
    case exact
    case entropic
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let (n, m, k) = (try inputs.rows("X"), try inputs.rows("Y"), try inputs.rows("Z", "X"))
    let points = Double(max(try inputs.columns("X"), 1)) * Double(n + m + k)
    switch fit {
    case .nearest(let epsilon, _, _): return MemoryNeed(n, m, plans: epsilon == nil ? 4 : 6, others: 4 * points)
    case .entropic: return MemoryNeed(n, m, plans: 5, others: 4 * points)
    case .gaussian: return MemoryNeed(numbers: 6 * points, problem: "a map between \(n + m) points")
    case .convex(let fit): return MemoryNeed(numbers: 6 * points + 100 * Double(fit.ridges), problem: "a map between \(n + m) points")
    }
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("X and Y") }
    let z = try inputs.points("Z") ?? x
    let weights = (source: try inputs.vector("a"), target: try inputs.vector("b"))
    var answer: SolverAnswer
    let map: any TransportMap
    switch fit {
    case .gaussian(let ridge):
      let (source, target) = (
        try Gaussian(samples: x, weights: weights.source, ridge: ridge, name: "X"),
        try Gaussian(samples: y, weights: weights.target, ridge: ridge, name: "Y")
      )
      let solution = try GaussianTransport().solve(source, target)
      guard let linear = solution.map else {
        throw ProblemError.parameter(
          name: "the rank of the covariance of X", found: "\(source.rank)",
          expected: "one whose range reaches all directions of Y's, of rank \(target.rank) (ridge adds to both)")
      }
      answer = SolverAnswer(status: .converged, iterations: 0)
      answer.numbers = [("value", solution.value)]
      map = linear
    case .convex(let fit):
      let solution = try fit.solve(x, y, weights: weights, monitor: monitor)
      answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers = [("value", solution.dualValue)]
      map = solution.potential
    case .entropic(let settings):
      let solution = try entropic(settings, x, y, weights, monitor)
      answer = solution.answer
      map = try EntropicMap(solution.solution, target: y, epsilon: solution.epsilon)
    case .nearest(let settings?, let neighbors, let extendsBy):
      let solution = try entropic(settings, x, y, weights, monitor)
      answer = solution.answer
      map = try NearestNeighborMap(solution.solution.coupling, source: x, target: y, neighbors: neighbors, extendsBy: extendsBy)
    case .nearest(nil, let neighbors, let extendsBy):
      let problem = try LinearProblem(cost: PointMetric.squaredEuclidean.cost(x, y), source: weights.source, target: weights.target)
      let solution = try NetworkSimplex().solve(problem)
      answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
      answer.numbers = [("value", solution.value)]
      map = try NearestNeighborMap(solution.coupling, source: x, target: y, neighbors: neighbors, extendsBy: extendsBy)
    }
    answer.arrays.append(("images", NumericArray(try map(z))))
    return answer
  }

  private func entropic(
    _ settings: SinkhornSettings, _ x: Matrix, _ y: Matrix, _ weights: (source: [Double]?, target: [Double]?), _ monitor: Monitor?
  ) throws -> (solution: EntropicSolution, epsilon: Double, answer: SolverAnswer) {
    let cost = try PointMetric.squaredEuclidean.cost(x, y)
    let solver = settings.solver(for: cost)
    let solution = try solver.solve(LinearProblem(cost: cost, source: weights.source, target: weights.target), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [("value", solution.transportCost)]
    return (solution, solver.epsilon, answer)
  }
}

extension ConvexPotentialFit {
  /// Reads the settings of the fit.
  package init(_ fields: Fields) throws(DocumentError) {
    let defaults = ConvexPotentialFit()
    self.init(
      ridges: try fields.integer("ridges", default: defaults.ridges, about: "number of ridges of the potential"),
      smoothness: try fields.positiveNumber(
        "smoothness", default: defaults.smoothness, about: "width of a ridge's bend, in units of the points' spread"),
      leastCurvature: try fields.positiveNumber(
        "leastCurvature", default: defaults.leastCurvature, about: "least curvature of the potential between standardized points"),
      stopping: try StoppingRule(fields, default: defaults.stopping, about: "norm of the loss's gradient"),
      seed: try fields.seed())
  }
}

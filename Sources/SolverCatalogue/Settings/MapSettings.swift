import Documents
import LinearAlgebra
import OptimalTransport

/// The choice of a transport map and the settings of its fit.
package struct MapSettings: Sendable {
  /// The families of maps.
  package enum Method: String, CaseIterable, Sendable {
    /// Barycentric projection of a plan, extended by nearest neighbors.
    case nearest
    /// The map of an entropic plan.
    case entropic
    /// The optimal map between the Gaussians of the samples' moments.
    case gaussian
    /// The gradient of a convex potential.
    case convex
  }

  private enum Fit {
    case nearest(epsilon: SinkhornSettings?, neighbors: Int, extendsBy: NearestNeighborMap.Extension)
    case entropic(SinkhornSettings)
    case gaussian(ridge: Double)
    case convex(ConvexPotentialFit)
  }

  private let fit: Fit

  /// Reads the map and the settings of its fit.
  ///
  /// - Parameters:
  ///   - fields: the settings.
  ///   - key: the key that names the map.
  /// - Throws: `DocumentError` if a setting is not acceptable.
  package init(_ fields: Fields, key: String) throws(DocumentError) {
    let method: Method = try fields.choice(
      key, default: .nearest,
      about: """
        the map: barycentric projection extended by nearest neighbors, entropic map, map between the samples' \
        Gaussians, or gradient of a convex potential
        """)
    switch method {
    case .nearest:
      fit = .nearest(
        epsilon: try SinkhornSettings.optional(
          fields, about: "if given, weight ε of the entropy of the plan that is projected; exact if absent"),
        neighbors: try fields.integer(
          "neighbors", default: 1, about: "number of nearest neighbors by which a new point is mapped"),
        extendsBy: try fields.choice(
          "extension", default: .shift, about: "what a new point takes from its neighbors: their shift, or their image")
      )
    case .entropic:
      guard let settings = try SinkhornSettings.optional(fields, about: "weight ε of the entropy of the plan") else {
        throw fields.error("epsilon", "is missing; the entropic map needs it")
      }
      fit = .entropic(settings)
    case .gaussian: fit = .gaussian(ridge: try fields.ridge())
    case .convex: fit = .convex(try ConvexPotentialFit(fields))
    }
  }

  /// The numbers that a fit between n and m points in d dimensions holds at its peak.
  package func memory(_ n: Int, _ m: Int, dimension: Int) -> MemoryNeed {
    let points = Double(max(dimension, 1)) * Double(n + m)
    switch fit {
    case .nearest(let epsilon, _, _): return MemoryNeed(n, m, plans: epsilon == nil ? 4 : 6, others: 4 * points)
    case .entropic: return MemoryNeed(n, m, plans: 5, others: 4 * points)
    case .gaussian: return MemoryNeed(numbers: 6 * points, problem: "a map between \(n + m) points")
    case .convex(let fit):
      return MemoryNeed(numbers: 6 * points + 100 * Double(fit.ridges), problem: "a map between \(n + m) points")
    }
  }

  /// A map with how its fit ended.
  package struct FittedMap {
    /// The map.
    package let map: any TransportMap
    /// W_2² of what the map is made of: the transport cost of the plan, the Gaussians' distance, or the semi-dual's
    /// lower bound.
    package let value: Double
    /// How the fit ended.
    package let status: Status
    /// The number of iterations, or of pivots.
    package var iterations = 0
    /// The history of the iteration.
    package var trace = Trace()
  }

  /// Fits the map.
  ///
  /// - Parameters:
  ///   - x: n source points.
  ///   - y: m target points of the same dimension.
  ///   - weights: the weights of both; uniform if nil.
  ///   - monitor: watches the iteration, and may end it.
  /// - Returns: The map.
  /// - Throws: `ProblemError` if the points make no problem, or there is no map.
  package func fitted(
    _ x: Matrix, _ y: Matrix, weights: (source: [Double]?, target: [Double]?) = (nil, nil), monitor: Monitor? = nil
  ) throws(ProblemError) -> FittedMap {
    switch fit {
    case .gaussian(let ridge):
      let (source, target) = (
        try Gaussian(samples: x, weights: weights.source, ridge: ridge, name: "X"),
        try Gaussian(samples: y, weights: weights.target, ridge: ridge, name: "Y")
      )
      let solution = try GaussianTransport().solve(source, target)
      guard let map = solution.map else {
        throw .parameter(
          name: "the rank of the covariance of X", found: "\(source.rank)",
          expected: "one whose range reaches all directions of Y's, of rank \(target.rank) (ridge adds to both)")
      }
      return FittedMap(map: map, value: solution.value, status: .converged)
    case .convex(let fit):
      let solution = try fit.solve(x, y, weights: weights, monitor: monitor)
      return FittedMap(
        map: solution.potential, value: solution.dualValue, status: solution.status, iterations: solution.iterations,
        trace: solution.trace)
    case .entropic(let settings):
      let (solution, epsilon) = try Self.entropic(settings, x, y, weights, monitor)
      return FittedMap(
        map: try EntropicMap(solution, target: y, epsilon: epsilon), value: solution.transportCost,
        status: solution.status,
        iterations: solution.iterations, trace: solution.trace)
    case .nearest(let settings?, let neighbors, let extendsBy):
      let (solution, _) = try Self.entropic(settings, x, y, weights, monitor)
      return FittedMap(
        map: try NearestNeighborMap(
          solution.coupling, source: x, target: y, neighbors: neighbors, extendsBy: extendsBy),
        value: solution.transportCost, status: solution.status, iterations: solution.iterations, trace: solution.trace)
    case .nearest(nil, let neighbors, let extendsBy):
      let cost = try PointMetric.squaredEuclidean.cost(x, y)
      let solution = try NetworkSimplex().solve(
        LinearProblem(cost: cost, source: weights.source, target: weights.target))
      return FittedMap(
        map: try NearestNeighborMap(
          solution.coupling, source: x, target: y, neighbors: neighbors, extendsBy: extendsBy),
        value: solution.value, status: solution.status, iterations: solution.pivots)
    }
  }

  private static func entropic(
    _ settings: SinkhornSettings, _ x: Matrix, _ y: Matrix, _ weights: (source: [Double]?, target: [Double]?),
    _ monitor: Monitor?
  ) throws(ProblemError) -> (solution: EntropicSolution, epsilon: Double) {
    let cost = try PointMetric.squaredEuclidean.cost(x, y)
    let solver = settings.solver(for: cost)
    return (
      try solver.solve(LinearProblem(cost: cost, source: weights.source, target: weights.target), monitor: monitor),
      solver.epsilon
    )
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
        "leastCurvature", default: defaults.leastCurvature,
        about: "least curvature of the potential between standardized points"),
      stopping: try StoppingRule(fields, default: defaults.stopping, about: "norm of the loss's gradient"),
      seed: try fields.seed())
  }
}

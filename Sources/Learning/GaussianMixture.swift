import Glibc
import LinearAlgebra

/// A Gaussian mixture model with full covariances, fitted by expectation–maximization.
///
/// Each start draws its means by k-means++ (Arthur and Vassilvitskii, 2007) from a seed; the likelihood never
/// decreases from there (Dempster, Laird, and Rubin, 1977). The local maximum that is reached depends on the seed, so
/// the most likely of several starts is kept.
public struct GaussianMixture: Sendable {
  /// The mixture weights of the components, which sum to 1.
  public let weights: [Double]
  /// The means of the components, k×d.
  public let means: Matrix
  /// The covariances of the components, d×d each, with eigenvalues of at least a fixed fraction of the points'
  /// largest variance.
  public let covariances: [Matrix]
  /// The mean log-density of the points under the mixture.
  public let logLikelihood: Double
  /// The number of expectation–maximization steps of the start that was kept.
  public let iterations: Int
  /// Whether the last step raised the mean log-density by no more than 1e-8; false at the iteration limit.
  public let isConverged: Bool

  private static let floor = 1e-6

  /// Fits a mixture to points.
  ///
  /// - Parameters:
  ///   - points: n×d, one per row.
  ///   - components: the number k of components, at most n.
  ///   - starts: the number of seeded starts, of which the most likely is kept.
  ///   - seed: the seed of the initial means.
  ///   - iterationLimit: the maximum number of steps per start.
  /// - Complexity: O(n k d²) per step
  public init(_ points: Matrix, components: Int, starts: Int = 5, seed: UInt64, iterationLimit: Int = 500) {
    precondition(
      components > 0 && components <= points.rows && points.columns > 0 && starts > 0,
      "a mixture needs a point for each component")
    let fits = (0..<starts).map { start in
      Self.fit(points, components, SeededGenerator(seed: seed &+ UInt64(start), stream: "mixture"), iterationLimit)
    }
    self = fits.max { $0.logLikelihood < $1.logLikelihood } ?? fits[0]
  }

  /// The same mixture with its components permuted: component k of the result is component `order[k]` of this
  /// mixture.
  public func selectingComponents(_ order: [Int]) -> GaussianMixture {
    let state = State(
      weights: order.map { weights[$0] }, means: means.selectingRows(order), covariances: order.map { covariances[$0] })
    return GaussianMixture(state, logLikelihood: logLikelihood, iterations: iterations, isConverged: isConverged)
  }

  private init(_ state: State, logLikelihood: Double, iterations: Int, isConverged: Bool) {
    (weights, means, covariances) = (state.weights, state.means, state.covariances)
    (self.logLikelihood, self.iterations, self.isConverged) = (logLikelihood, iterations, isConverged)
  }

  private struct State {
    var weights: [Double]
    var means: Matrix
    var covariances: [Matrix]
  }

  private static func fit(_ points: Matrix, _ k: Int, _ generator: SeededGenerator, _ limit: Int) -> GaussianMixture {
    var random = generator
    let (n, d) = (points.rows, points.columns)
    let whole = covariance(
      points, around: points.columnSums.map { $0 / Double(n) }, weights: [Double](repeating: 1 / Double(n), count: n))
    let least = floor * max((0..<d).reduce(0) { max($0, whole[$1, $1]) }, .leastNormalMagnitude)
    var state = State(
      weights: [Double](repeating: 1 / Double(k), count: k), means: centers(points, k, &random),
      covariances: [Matrix](repeating: whole.map { $0 / Double(k) }, count: k))
    var (last, isConverged, count) = (-Double.infinity, false, 0)
    var likelihood = last
    while count < limit, !isConverged {
      // E step: the responsibility of each component for each point.
      let logs = (0..<k).map { logDensities(points, state.means[row: $0], state.covariances[$0], least: least) }
      var responsibilities = Matrix(rows: k, columns: n)
      likelihood = 0
      for point in 0..<n {
        let terms = (0..<k).map { logs[$0][point] + log(max(state.weights[$0], .leastNormalMagnitude)) }
        let largest = terms.max() ?? 0
        let sum = terms.reduce(0) { $0 + exp($1 - largest) }
        likelihood += (largest + log(sum)) / Double(n)
        for component in 0..<k { responsibilities[component, point] = exp(terms[component] - largest) / sum }
      }
      // M step: weights, means, and covariances.
      for component in 0..<k {
        let own = Array(responsibilities[row: component])
        let mass = compensatedSum(own)
        guard mass > 1e-9 else { continue }
        let mean = points.transposedProduct(own).map { $0 / mass }
        for axis in 0..<d { state.means[component, axis] = mean[axis] }
        state.covariances[component] = covariance(points, around: mean, weights: own.map { $0 / mass })
        state.weights[component] = mass / Double(n)
      }
      isConverged = likelihood - last <= 1e-8
      last = likelihood
      count += 1
    }
    return GaussianMixture(state, logLikelihood: likelihood, iterations: count, isConverged: isConverged)
  }

  private static func covariance(_ points: Matrix, around mean: [Double], weights: [Double]) -> Matrix {
    let centered = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    let weighted = Matrix(rows: points.rows, columns: points.columns) { centered[$0, $1] * weights[$0] }
    return centered.transposed * weighted
  }

  private static func logDensities(_ points: Matrix, _ mean: ArraySlice<Double>, _ covariance: Matrix, least: Double)
    -> [Double]
  {
    guard let eigen = SymmetricEigen(covariance) else { preconditionFailure("a mixture needs finite points") }
    let mean = Array(mean)
    let values = eigen.values.map { max($0, least) }
    let constant = -0.5 * values.reduce(0) { $0 + log(2 * .pi * $1) }
    let centered = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    let along = centered * eigen.vectors.transposed
    return (0..<points.rows).map { point in
      constant - 0.5 * zip(along[row: point], values).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
    }
  }

  private static func centers(_ points: Matrix, _ k: Int, _ random: inout SeededGenerator) -> Matrix {
    var chosen = [random.integer(below: points.rows)]
    var nearest = (0..<points.rows).map { squaredDistance(points[row: $0], points[row: chosen[0]]) }
    while chosen.count < k {
      let total = compensatedSum(nearest)
      var place = random.uniform() * total
      var next = points.rows - 1
      for point in 0..<points.rows {
        place -= nearest[point]
        if place < 0 {
          next = point
          break
        }
      }
      chosen.append(next)
      for point in 0..<points.rows {
        nearest[point] = min(nearest[point], squaredDistance(points[row: point], points[row: next]))
      }
    }
    return points.selectingRows(chosen)
  }
}

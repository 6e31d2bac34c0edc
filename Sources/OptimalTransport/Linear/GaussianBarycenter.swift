import LinearAlgebra

/// The Wasserstein barycenter of Gaussians, min over Gaussians Σ_j λ_j W_2²(N(m, S), N(m_j, Σ_j)).
///
/// The mean is Σ λ_j m_j. Algorithm for the covariance: the fixed point iteration of Álvarez-Esteban, del Barrio,
/// Cuesta-Albertos, Matrán (2016, arXiv:1511.05355), S ← S^{−1/2} (Σ λ_j (S^{1/2} Σ_j S^{1/2})^{1/2})² S^{−1/2},
/// carried out on a factor GGᵀ = S without inverses: G becomes the mean of the factors of Σ_j that meet it best. It
/// begins at Σ λ_j Σ_j and never raises the objective. The residual is the change of G as a fraction of it, which is
/// the gradient.
///
/// A lower bound is given as well: any positive definite A_j with Σ λ_j A_j = I bound the value from below by Σ λ_j
/// tr((I − A_j⁻¹) Σ_j), and the maps from the barycenter to the Σ_j are such; where these are singular, those between
/// covariances with a small multiple of I added. `converged` means that the gap is below 1e-6 of Σ λ_j tr Σ_j as well.
/// Where no Σ_j is regular, the barycenter need not be unique. An iteration takes O(K d³), memory O(K d²).
///
///     let solution = try GaussianBarycenter().solve([first, second, third])
///     print(solution.barycenter.covariance, solution.gap)
public struct GaussianBarycenter: Sendable {
  /// When the fixed-point iteration ends.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameter stopping: when the fixed-point iteration ends.
  public init(stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)) { self.stopping = stopping }

  /// Computes the barycenter.
  ///
  /// - Parameters:
  ///   - gaussians: K Gaussians of one dimension.
  ///   - shares: λ, rescaled to sum 1; equal ones when nil.
  ///   - monitor: is asked after iterations whether to go on.
  /// - Returns: The barycenter, with a lower bound of the optimum.
  /// - Throws: `ProblemError` when sizes do not fit, or λ are negative.
  public func solve(
    _ gaussians: [Gaussian], shares: [Double]? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GaussianBarycenterSolution {
    try stopping.validate()
    guard let d = gaussians.first?.mean.count else { throw .empty(name: "the list of Gaussians") }
    for (index, gaussian) in gaussians.enumerated() where gaussian.mean.count != d {
      throw .shape(
        name: "Gaussian \(index)", found: "\(gaussian.mean.count) coordinates", expected: "\(d) (as Gaussian 0)")
    }
    let given = shares ?? .uniform(gaussians.count)
    if given.count != gaussians.count {
      throw .shape(name: "the shares λ", found: "\(given.count) elements", expected: "\(gaussians.count) (Gaussians)")
    }
    try ProblemError.validate(weights: given, named: "the shares λ")
    let total = compensatedSum(given)
    let lambda = given.map { $0 / total }
    let mean = (0..<d).map { k in compensatedSum(zip(lambda, gaussians).map { $0 * $1.mean[k] }) }
    let spread = compensatedSum(
      zip(lambda, gaussians).flatMap { share, own in zip(mean, own.mean).map { share * ($0 - $1) * ($0 - $1) } })
    let size = compensatedSum(zip(lambda, gaussians).map { share, own in share * own.covariance.trace })
    let (barycenter, run) = try fixedPoint(gaussians, lambda, mean, monitor)
    let terms = try zip(lambda, gaussians).map { share, own throws(ProblemError) in
      share * (try FactorAlignment(barycenter.root, own.root).squaredDistance)
    }
    let value = compensatedSum(terms)
    var bound = try Self.bound(gaussians, lambda, by: barycenter, of: gaussians)
    if run.status.isConverged, !(value - bound <= 1e-6 * size) {
      // Maps between singular covariances are singular, and prove nothing; those between covariances next to them are
      // not.
      let ridge = 1e-6 * size / Double(d)
      let near = try gaussians.map { own throws(ProblemError) in
        try Gaussian(
          mean: own.mean, covariance: Matrix(rows: d, columns: d) { own.covariance[$0, $1] + ($0 == $1 ? ridge : 0) })
      }
      bound = max(
        bound, try Self.bound(gaussians, lambda, by: fixedPoint(near, lambda, mean, monitor).barycenter, of: near))
    }
    var status = run.status
    if status.isConverged, !(value - bound <= 1e-6 * size) {
      status = .stalled(
        reason: "the value is above its lower bound by \(value - bound), as may be where every covariance is singular")
    }
    return GaussianBarycenterSolution(
      barycenter: barycenter, value: value + spread, lowerBound: min(bound, value) + spread, status: status,
      iterations: run.iterations,
      trace: run.trace)
  }

  /// The iteration on a factor of the covariance.
  private func fixedPoint(
    _ gaussians: [Gaussian], _ lambda: [Double], _ mean: [Double], _ monitor: Monitor?
  ) throws(ProblemError) -> (barycenter: Gaussian, run: Run) {
    var factor = try Gaussian(mean: mean, covariance: Self.mean(gaussians.map(\.covariance), lambda)).root
    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let alignments = try gaussians.map { own throws(ProblemError) in try FactorAlignment(factor, own.root) }
      let next = Self.mean(alignments.map(\.aligned), lambda)
      let change = Matrix.length(zip(next.elements, factor.elements).map { $0 - $1 })
      let length = Matrix.length(next.elements)
      factor = next
      return .advanced(
        residual: length > 0 ? change / length : change > 0 ? 1 : 0,
        objective: compensatedSum(zip(lambda, alignments).map { $0 * $1.squaredDistance }))
    }
    let product = factor.transposedProduct(with: factor)
    let covariance = Matrix(rows: mean.count, columns: mean.count) { (product[$0, $1] + product[$1, $0]) / 2 }
    return (try Gaussian(mean: mean, covariance: covariance, name: "the barycenter"), run)
  }

  /// Σ λ_j M_j, symmetric where all are.
  private static func mean(_ matrices: [Matrix], _ lambda: [Double]) -> Matrix {
    var sum = Matrix(rows: matrices[0].rows, columns: matrices[0].columns)
    for (share, matrix) in zip(lambda, matrices) { sum.add(matrix.map { share * $0 }) }
    return sum
  }

  /// Σ λ_j tr((I − A_j⁻¹) Σ_j) for A_j that are the maps from a barycenter to its own Gaussians, made positive and
  /// brought to Σ λ_j A_j = I.
  private static func bound(
    _ gaussians: [Gaussian], _ lambda: [Double], by barycenter: Gaussian, of own: [Gaussian]
  ) throws(ProblemError) -> Double {
    let d = barycenter.mean.count
    let range = barycenter.root * barycenter.inverseRoot
    var eigens: [SymmetricEigen] = []
    for target in own {
      let map = try FactorAlignment(barycenter.root, target.root)
      // Beside the barycenter's range nothing has mass where all is well, and any positive number will do.
      let slope = barycenter.inverseRoot * map.middle * barycenter.inverseRoot
      let whole = Matrix(rows: d, columns: d) {
        (slope[$0, $1] + slope[$1, $0]) / 2 + ($0 == $1 ? 1 : 0) - (range[$0, $1] + range[$1, $0]) / 2
      }
      guard let eigen = SymmetricEigen(whole) else { return -.greatestFiniteMagnitude }
      eigens.append(eigen)
    }
    let positive = eigens.map { eigen in
      eigen.values.map { max($0, 1e-10 * (eigen.values.last ?? 1), .leastNormalMagnitude) }
    }
    let sum = mean(zip(eigens, positive).map { $0.recomposed($1) }, lambda)
    guard let middle = SymmetricEigen(sum), (middle.values.first ?? 0) > 0 else { return -.greatestFiniteMagnitude }
    let root = middle.recomposed(middle.values.map { $0.squareRoot() })
    let terms = gaussians.indices.map { index in
      let inverse = eigens[index].recomposed(positive[index].map { 1 / $0 })
      let turned = root * gaussians[index].covariance * root
      let crossed = zip(inverse.elements, turned.elements).map { $0 * $1 }
      return lambda[index] * (gaussians[index].covariance.trace - compensatedSum(crossed))
    }
    let bound = compensatedSum(terms)
    return bound.isFinite ? bound : -.greatestFiniteMagnitude
  }
}

extension Matrix {
  fileprivate var trace: Double { compensatedSum((0..<rows).lazy.map { self[$0, $0] }) }
}

/// A barycenter of Gaussians.
public struct GaussianBarycenterSolution: Sendable {
  /// The barycenter.
  public let barycenter: Gaussian
  /// Σ λ_j W_2².
  public let value: Double
  /// A lower bound of the objective over all measures, Gaussian or not.
  public let lowerBound: Double
  /// How the iteration ended.
  public let status: Status
  /// The number of iterations.
  public let iterations: Int
  /// The objective is that before the iteration.
  public let trace: Trace

  /// By how much the value may be above the least one.
  public var gap: Double { value - lowerBound }
}

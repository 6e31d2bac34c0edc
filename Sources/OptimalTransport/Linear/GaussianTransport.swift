import LinearAlgebra

/// Optimal transport between Gaussians in closed form, for squared distances.
///
/// Dowson, Landau 1982, DOI 10.1016/0047-259X(82)90077-X; Takatsu 2011, arXiv:0801.2250:
///
///     W_2² = |m − m'|² + tr Σ + tr Σ' − 2 tr (Σ^{1/2} Σ' Σ^{1/2})^{1/2},
///
/// the Bures–Wasserstein distance; for other measures of these means and covariances it is a lower bound (Gelbrich
/// 1990). The optimal map is x ↦ m' + A (x − m) with AΣAᵀ = Σ', symmetric where Σ is regular.
///
/// Covariances may be singular. The distance and an optimal coupling are there always; the map is where the range of Σ
/// reaches all of that of Σ' (rank Σ^{1/2}Σ'^{1/2} = rank Σ'), and is zero beside the range of Σ. Optimal, by singular
/// values of Σ^{1/2}Σ'^{1/2}; O(d³) time, O(d²) memory.
///
///     let solution = try GaussianTransport().solve(Gaussian(samples: x), Gaussian(samples: y))
///     print(solution.value, solution.map?.slope)
public struct GaussianTransport: Sendable {
  /// Creates a solver.
  public init() {}

  /// Computes the distance, the optimal coupling and, where there is one, the map.
  ///
  /// - Parameters:
  ///   - source: the Gaussian that mass comes from.
  ///   - target: the Gaussian that it goes to, of the same dimension.
  /// - Returns: The solution, in closed form.
  /// - Throws: `ProblemError` when dimensions differ.
  public func solve(_ source: Gaussian, _ target: Gaussian) throws(ProblemError) -> GaussianSolution {
    let d = source.mean.count
    if target.mean.count != d {
      throw .shape(name: "the target's mean", found: "\(target.mean.count) coordinates", expected: "\(d)")
    }
    let alignment = try FactorAlignment(source.root, target.root)
    let shift = compensatedSum(zip(source.mean, target.mean).map { ($0 - $1) * ($0 - $1) })
    var (map, mapError): (AffineMap?, Double) = (nil, 0)
    if alignment.rank == target.rank {
      let slope = alignment.aligned * source.inverseRoot
      let pushed = (slope * source.covariance).transposedProduct(with: slope)
      let missed = zip(pushed.elements, target.covariance.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
      let largest = target.covariance.elements.reduce(0) { max($0, abs($1)) }
      map = AffineMap(source: source.mean, target: target.mean, slope: slope)
      mapError = missed > 0 ? missed / max(largest, .leastNormalMagnitude) : 0
    }
    return GaussianSolution(
      squaredMeanDistance: shift, squaredCovarianceDistance: alignment.squaredDistance, map: map, mapError: mapError,
      crossCovariance: source.root * alignment.aligned.transposed)
  }
}

/// Transport between two Gaussians.
public struct GaussianSolution: Sendable {
  /// |m − m'|².
  public let squaredMeanDistance: Double
  /// The squared Bures–Wasserstein distance of the covariances.
  public let squaredCovarianceDistance: Double
  /// The optimal map; nil where the target's covariance has directions that the source's range does not reach.
  public let map: AffineMap?
  /// The largest element of AΣAᵀ − Σ' as a fraction of that of Σ', where there is a map x ↦ m' + A (x − m): rounding,
  /// which counts where Σ is nearly singular and A therefore long.
  public let mapError: Double
  /// E (x − m)(y − m')ᵀ of an optimal coupling, d×d.
  public let crossCovariance: Matrix

  /// W_2².
  public var value: Double { squaredMeanDistance + squaredCovarianceDistance }
  /// W_2.
  public var distance: Double { value.squareRoot() }
}

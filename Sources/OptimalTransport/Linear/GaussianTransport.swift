import LinearAlgebra

/// Optimal transport between Gaussians in closed form, for squared distances.
///
/// Dowson, Landau 1982, DOI 10.1016/0047-259X(82)90077-X; Takatsu 2011, arXiv:0801.2250:
///
///     W_2² = |m − m'|² + tr Σ + tr Σ' − 2 tr (Σ^{1/2} Σ' Σ^{1/2})^{1/2},
///
/// the Bures–Wasserstein distance; for other measures of these means and covariances it is a lower bound (Gelbrich 1990). The optimal map is
/// x ↦ m' + A (x − m) with AΣAᵀ = Σ', symmetric where Σ is regular.
///
/// Covariances may be singular. The distance and an optimal coupling are there always; the map is where the range of Σ reaches all of that of Σ'
/// (rank Σ^{1/2}Σ'^{1/2} = rank Σ'), and is zero beside the range of Σ. Optimal, by singular values of Σ^{1/2}Σ'^{1/2}; O(d³) time, O(d²) memory.
///
///     let solution = try GaussianTransport().solve(Gaussian(samples: x), Gaussian(samples: y))
///     print(solution.value, solution.map?.slope)
public struct GaussianTransport: Sendable {
  /// Creates a solver.
  public init() {}

  /// - Throws: `ProblemError` when dimensions differ.
  public func solve(_ source: Gaussian, _ target: Gaussian) throws(ProblemError) -> GaussianSolution {
    let d = source.mean.count
    if target.mean.count != d { throw .shape(name: "the target's mean", found: "\(target.mean.count) coordinates", expected: "\(d)") }
    let alignment = try FactorAlignment(source.root, target.root)
    let shift = compensatedSum(zip(source.mean, target.mean).map { ($0 - $1) * ($0 - $1) })
    var map: GaussianSolution.Map?
    if alignment.rank == target.rank {
      let slope = alignment.aligned * source.inverseRoot
      let moved = slope * source.mean
      let pushed = (slope * source.covariance).transposedProduct(with: slope)
      let missed = zip(pushed.elements, target.covariance.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
      let largest = target.covariance.elements.reduce(0) { max($0, abs($1)) }
      map = GaussianSolution.Map(
        slope: slope, offset: zip(target.mean, moved).map { $0 - $1 }, error: missed > 0 ? missed / max(largest, .leastNormalMagnitude) : 0)
    }
    return GaussianSolution(
      squaredMeanDistance: shift, squaredCovarianceDistance: alignment.squaredDistance, map: map,
      crossCovariance: source.root * alignment.aligned.transposed)
  }
}

/// Transport between two Gaussians.
public struct GaussianSolution: Sendable {
  /// x ↦ Ax + b.
  public struct Map: Sendable {
    /// A, d×d.
    public let slope: Matrix
    /// b = m' − Am.
    public let offset: [Double]
    /// The largest element of AΣAᵀ − Σ' as a fraction of that of Σ': rounding, which counts where Σ is nearly singular and A therefore long.
    public let error: Double

    /// The images of points by rows.
    public func applied(to points: Matrix) -> Matrix {
      let images = points.transposedProduct(with: slope)
      return Matrix(rows: points.rows, columns: points.columns) { images[$0, $1] + offset[$1] }
    }
  }

  /// |m − m'|².
  public let squaredMeanDistance: Double
  /// The squared Bures–Wasserstein distance of the covariances.
  public let squaredCovarianceDistance: Double
  /// Nil where the target's covariance has directions that the source's range does not reach.
  public let map: Map?
  /// E (x − m)(y − m')ᵀ of an optimal coupling, d×d.
  public let crossCovariance: Matrix

  /// W_2².
  public var value: Double { squaredMeanDistance + squaredCovarianceDistance }
  /// W_2.
  public var distance: Double { value.squareRoot() }
}

import LinearAlgebra

/// Mémoli's third lower bound of Gromov–Wasserstein transport, from the distribution of distances at each point.
///
/// With μ_i the distribution of D1_ik under a, and ν_j that of D2_jl under b, the bound
///
///     TLB = min_P Σ_ij W_2²(μ_i, ν_j) P_ij      over couplings P of a and b
///
/// is at most min_P Σ (D1_ik − D2_jl)² P_ij P_kl (Mémoli, 2011, DOI 10.1007/s10208-011-9093-5). It uses only local
/// distance distributions, so its plan is a start for a search rather than an alignment. Both spaces must have mass
/// 1.
public struct ThirdLowerBound: Sendable {
  /// Creates a solver; it has no settings.
  public init() {}

  /// Computes the bound and its plan exactly.
  ///
  /// - Parameter problem: a balanced problem of mass 1 without features or kernel.
  /// - Returns: the exact solution of the linear problem, whose value is the bound.
  /// - Throws: `ProblemError` if the problem has features or a kernel, is not balanced, or does not have mass 1.
  /// - Complexity: O(nm(n + m)) for the one-dimensional problems, and one linear program
  public func solve(_ problem: QuadraticProblem) throws(ProblemError) -> ExactSolution {
    try problem.relaxation.requireBalanced()
    try problem.requireSquareLoss()
    if problem.features != nil || problem.proximity != nil {
      throw .parameter(
        name: "the problem of a third lower bound", found: "fused or kernel-weighted",
        expected: "a problem with distances alone")
    }
    let mass = compensatedSum(problem.source.weights)
    if abs(mass - 1) > 1e-9 {
      throw .parameter(name: "the mass of a third lower bound's problem", found: "\(mass)", expected: "1")
    }
    let (x, y) = (Self.profiles(problem.source), Self.profiles(problem.target))
    let cost = Matrix(rows: x.count, columns: y.count) { x[$0].squaredDistance(to: y[$1]) }
    return try NetworkSimplex().solve(
      LinearProblem(cost: cost, source: problem.source.weights, target: problem.target.weights))
  }

  /// Returns approximations of W_2²(μ_i, ν_j) from quantiles at given levels.
  ///
  /// - Parameters:
  ///   - source: n points of mass 1.
  ///   - target: m points of mass 1.
  ///   - levels: the levels, in (0, 1).
  /// - Returns: the costs, n×m.
  /// - Complexity: O(nmℓ) for ℓ levels
  public static func cost(_ source: MetricMeasureSpace, _ target: MetricMeasureSpace, levels: [Double]) -> Matrix {
    let quantiles = { (space: MetricMeasureSpace) in
      let profiles = profiles(space)
      return Matrix(rows: profiles.count, columns: levels.count) { profiles[$0].quantile(levels[$1]) }
    }
    let count = Double(max(levels.count, 1))
    return squaredDistances(quantiles(source), quantiles(target)).map { $0 / count }
  }

  private static func profiles(_ space: MetricMeasureSpace) -> [Profile] {
    let distances = space.distances
    return (0..<distances.rows).map { Profile(Array(distances[row: $0]), weights: space.weights) }
  }

  /// A distribution on the real line: values in ascending order and cumulative masses.
  struct Profile {
    let values: [Double]
    let cumulated: [Double]

    init(_ values: [Double], weights: [Double]) {
      let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      self.values = order.map { values[$0] }
      var sum = 0.0
      cumulated = order.map {
        sum += weights[$0]
        return sum
      }
    }

    /// The smallest value whose cumulative mass reaches the given level.
    func quantile(_ level: Double) -> Double {
      let wanted = level * (cumulated.last ?? 0)
      var (low, high) = (0, values.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulated[middle] >= wanted { high = middle } else { low = middle + 1 }
      }
      return values[low]
    }

    /// Returns ∫ (Q(t) − Q'(t))² dt over (0, 1) for the quantile functions of both distributions.
    func squaredDistance(to other: Profile) -> Double {
      var (i, j, done, sum) = (0, 0, 0.0, 0.0)
      while i < values.count, j < other.values.count {
        let next = min(cumulated[i], other.cumulated[j])
        let difference = values[i] - other.values[j]
        sum += max(0, next - done) * difference * difference
        done = max(done, next)
        if cumulated[i] <= next { i += 1 } else { j += 1 }
      }
      return sum
    }
  }
}

import CKernels
import LinearAlgebra

/// Unbalanced optimal transport between measures μ and ν, in its semi-coupling form on the cone over a metric space.
///
/// It solves
///
///     UOT² = δ² (|μ| + |ν| − 2 max F),      F = Σ_ij Ω(d_ij/δ) √(P0_ij P1_ij)
///
/// over semi-couplings with P0 1 = μ and P1ᵀ 1 = ν, where negative Ω counts as 0. With the cosine kernel it is the
/// Wasserstein–Fisher–Rao distance, and with the Gaussian kernel the Gaussian–Hellinger distance (Liero, Mielke, and
/// Savaré, 2018, DOI 10.1007/s00222-017-0759-8; Chizat, Peyré, Schmitzer, and Vialard, 2018). The maximization is
/// concave: sweeps of `SemiCouplingAscent` with M = Ω converge to its value, and the dual bound Σ μ_i f_i + Σ ν_j g_j
/// with f_i g_j ≥ M_ij²/4 certifies their accuracy. The residual is the duality gap as a fraction of F.
///
///     let solution = try ConicTransport().solve(distances: d, source: mu, target: nu, delta: 1)
///     print(solution.distance, solution.gap)
///
/// - Complexity: O(nm) per sweep
public struct ConicTransport: Sendable {
  /// The solution of an unbalanced transport problem on the cone.
  public struct Solution: Sendable {
    /// The optimal semi-coupling, up to the gap.
    public let coupling: SemiCoupling
    /// The squared distance at the semi-coupling, an upper bound of the optimum.
    public let squaredDistance: Double
    /// The distance, the square root of `squaredDistance`.
    public var distance: Double { squaredDistance.squareRoot() }
    /// The largest amount by which the squared distance may exceed the optimum.
    public let gap: Double
    /// Whether the solver converged, and if not, why it ended.
    public let status: Status
    /// The number of iterations, each of `sweeps` sweeps.
    public let iterations: Int
    /// The history of the iteration; the objective is the squared distance after each recorded iteration.
    public let trace: Trace
  }

  /// The kernel Ω of the cone.
  public var kernel: ConeKernel
  /// The number of sweeps between computations of the duality gap.
  public var sweeps: Int
  /// The tolerance on the relative duality gap and the iteration limit.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - kernel: the kernel Ω of the cone; the truncated cosine by default.
  ///   - sweeps: the number of sweeps between computations of the duality gap, at least 1.
  ///   - stopping: the tolerance on the relative duality gap and the iteration limit.
  public init(
    kernel: ConeKernel = .wassersteinFisherRao(), sweeps: Int = 10,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 5000)
  ) {
    self.kernel = kernel
    self.sweeps = sweeps
    self.stopping = stopping
  }

  /// Computes the distance and an optimal semi-coupling.
  ///
  /// - Parameters:
  ///   - distances: d, n×m, finite and not negative.
  ///   - source: μ, n masses; points of mass zero are ignored.
  ///   - target: ν, m masses with any sum.
  ///   - delta: the length scale δ > 0, in units of d; with the cosine kernel mass moves by less than the
  ///     truncation times δ.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the semi-coupling, the distance, and the duality gap.
  /// - Throws: `ProblemError` if sizes do not fit or a number or parameter is out of range.
  public func solve(
    distances: Matrix, source: [Double], target: [Double], delta: Double, monitor: Monitor? = nil
  ) throws(ProblemError) -> Solution {
    try stopping.validate()
    try kernel.validate()
    try ProblemError.validate(positive: delta, named: "δ")
    if sweeps < 1 { throw .parameter(name: "the number of sweeps", found: "\(sweeps)", expected: "at least 1") }
    try ProblemError.validate(distances, named: "the distances", rows: source.count, columns: target.count)
    try ProblemError.validate(distances, named: "the distances", atMost: largestDistance)
    if let least = distances.elements.min(), least < 0 {
      throw .parameter(name: "the smallest distance", found: "\(least)", expected: "a number that is not negative")
    }
    for (name, weights) in [("the source weights", source), ("the target weights", target)] {
      try ProblemError.validate(weights: weights, named: name)
    }
    try ProblemError.validate(masses: [source, target])
    let (rows, columns) = (source.indices.filter { source[$0] > 0 }, target.indices.filter { target[$0] > 0 })
    let (m1, m2) = (compensatedSum(source), compensatedSum(target))
    var side = SemiCouplingSide(source: rows.map { source[$0] / m1 }, target: columns.map { target[$0] / m2 })
    side.sums = Matrix(rows: rows.count, columns: columns.count) {
      max(kernel.value(distances[rows[$0], columns[$1]] / delta), 0)
    }
    func squared(_ similarity: Double) -> Double {
      squaredConicDistance(similarity: similarity, masses: (m1, m2), delta: delta)
    }
    var bound = Double.infinity
    let run = iterate(stopping, monitor: monitor) { _ in
      side.sweep(sweeps)
      bound = min(bound, side.dualBound)
      let gap = bound - side.similarity
      return .advanced(residual: bound > 0 ? max(gap, 0) / bound : 0, objective: squared(side.similarity))
    }
    return Solution(
      coupling: side.expanded(to: (source, target), from: (rows, columns)), squaredDistance: squared(side.similarity),
      gap: squared(side.similarity) - squared(bound), status: run.status, iterations: run.iterations, trace: run.trace)
  }
}

extension SemiCouplingSide {
  /// An upper bound of max Σ M √(P0 P1), from the current row sums.
  ///
  /// Any f and g with f_i g_j ≥ M_ij²/4 give a bound. Here f is proportional to what rows currently earn, and g is
  /// the smallest that f allows.
  fileprivate var dualBound: Double {
    let earned = source.indices.map { i in
      zip(sums[row: i], root[row: i]).reduce(0) { $0 + $1.0 * $1.1 } / (2 * source[i])
    }
    // Rows with a negligible sum would require infinite potentials of the columns.
    let floor = 1e-12 * (earned.max() ?? 0)
    let f = earned.map { max($0, floor) }
    guard floor > 0 else { return sums.elements.contains { $0 > 0 } ? .infinity : 0 }
    var g = [Double](repeating: 0, count: target.count)
    for i in source.indices {
      for j in target.indices { g[j] = max(g[j], sums[i, j] * sums[i, j] / (4 * f[i])) }
    }
    // f and g can be rescaled by reciprocal factors; the optimal one equalizes both sums.
    return 2 * (dot(source, f) * dot(target, g)).squareRoot()
  }
}

import CKernels
import LinearAlgebra

/// Unbalanced optimal transport between μ and ν on the cone over a metric space, in semi-coupling form:
///
///     UOT² = δ² (|μ| + |ν| − 2 max Σ_ij Ω(d_ij/δ) √(P0_ij P1_ij))      over P0 1 = μ, P1ᵀ 1 = ν, negative Ω counted as 0.
///
/// With the cosine it is the Wasserstein–Fisher–Rao distance, with the Gaussian kernel Gaussian–Hellinger (Liero, Mielke, Savaré 2018,
/// doi:10.1007/s00222-017-0759-8; Chizat, Peyré, Schmitzer, Vialard 2018). The problem is concave: sweeps of `SemiCouplingAscent` with M = Ω tend to
/// its value, and the dual bound Σ μ_i f_i + Σ ν_j g_j with f_i g_j ≥ M_ij²/4 certifies how near they are.
///
/// The residual is the duality gap as a fraction of F. O(nm) a sweep.
///
///     let solution = try ConicTransport().solve(distances: d, source: mu, target: nu, delta: 1)
///     print(solution.distance, solution.gap)
public struct ConicTransport: Sendable {
  public struct Solution: Sendable {
    public let coupling: SemiCoupling
    public let squaredDistance: Double
    public var distance: Double { squaredDistance.squareRoot() }
    /// How far the squared distance may lie above the least at most.
    public let gap: Double
    public let status: Status
    public let iterations: Int
    /// The objective is the squared distance after each recorded iteration.
    public let trace: Trace
  }

  public var kernel: ConeKernel
  /// Sweeps between two looks at the gap.
  public var sweeps: Int
  public var stopping: StoppingRule

  public init(
    kernel: ConeKernel = .wassersteinFisherRao(), sweeps: Int = 10,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 5000)
  ) {
    self.kernel = kernel
    self.sweeps = sweeps
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - distances: d, n×m, finite and not negative.
  ///   - source: μ, n masses; zeros take no part.
  ///   - target: ν, m masses of any sum.
  ///   - delta: δ > 0, in units of d; mass moves by less than cap · δ.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` when sizes do not fit, a number is out of range or a parameter makes no sense.
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
    side.sums = Matrix(rows: rows.count, columns: columns.count) { max(kernel.value(distances[rows[$0], columns[$1]] / delta), 0) }
    func squared(_ similarity: Double) -> Double { squaredConicDistance(similarity: similarity, masses: (m1, m2), delta: delta) }
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
  /// An upper bound of max Σ M √(P0 P1): any f, g with f_i g_j ≥ M_ij²/4 give one. f is what rows earn at present, g the least that it allows.
  fileprivate var dualBound: Double {
    let earned = source.indices.map { i in
      zip(sums[row: i], root[row: i]).reduce(0) { $0 + $1.0 * $1.1 } / (2 * source[i])
    }
    // Rows that earn next to nothing would ask for infinite prices of columns.
    let floor = 1e-12 * (earned.max() ?? 0)
    let f = earned.map { max($0, floor) }
    guard floor > 0 else { return sums.elements.contains { $0 > 0 } ? .infinity : 0 }
    var g = [Double](repeating: 0, count: target.count)
    for i in source.indices {
      for j in target.indices { g[j] = max(g[j], sums[i, j] * sums[i, j] / (4 * f[i])) }
    }
    // f and g may be traded by a factor; the best one makes both sums equal.
    return 2 * (dot(source, f) * dot(target, g)).squareRoot()
  }
}

import CKernels
import LinearAlgebra

/// The settings of block coordinate ascent on the similarity F of a `ConicProblem`.
///
/// For fixed Q the sums M_ij = max(0, Σ_kl Ω √(Q0 Q1)_kl) are computed once. Then
///
///     P0_ij ← μ1_i M_ij² P1_ij / Σ_j M_ij² P1_ij,      P1_ij ← μ2_j M_ij² P0_ij / Σ_i M_ij² P0_ij
///
/// is swept several times with M fixed, since F is concave in (P0, P1); then Q is updated likewise (Antony Oliver,
/// Hartman, and Needham, 2025, arXiv:2508.10888, with one sweep). F never decreases. Masses are first scaled to 1,
/// which is exact, and points without mass are removed. A row whose sum is below 1e-280 is destroyed.
///
/// The initial product of the masses is nearly stationary: F leaves it slowly, the more so the larger δ is, so that a
/// small change there does not indicate convergence. Therefore the residual is the largest relative decrease of the
/// squared distance in the last `patience` iterations, and the ascent makes at least `leastIterations` iterations. F
/// is not jointly concave, so the limit depends on the start. δ-continuation helps for large δ. Between symmetric
/// networks or tables the product is a saddle point, for which `AnchoredStarts` provides other starts.
public struct SemiCouplingAscent: Sendable {
  /// The number of sweeps with M fixed, at least 1; sweeps cost only passes over the plans.
  ///
  /// Use 10 for δ up to about the size of the differences of values, and 20 to 100 for larger δ.
  public var sweeps: Int
  /// The tolerance on the relative decrease of the squared distance and the iteration limit.
  public var stopping: StoppingRule
  /// The minimum number of iterations.
  public var leastIterations: Int
  /// The number of recent iterations over which the residual is taken, at least 1.
  public var patience: Int
  /// Values of δ that are solved first, in order, each from the previous solution (δ-continuation).
  public var continuation: [Double]
  /// The relative magnitude of random noise on the initial plans, in [0, 1).
  public var jitter: Double
  /// The seed of the noise.
  public var seed: UInt64
  /// The method by which kernel sums are computed.
  public var evaluation: KernelEvaluation

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - sweeps: the number of sweeps with M fixed, at least 1.
  ///   - stopping: the tolerance on the relative decrease of the squared distance and the iteration limit.
  ///   - leastIterations: the minimum number of iterations.
  ///   - patience: the number of recent iterations over which the residual is taken, at least 1.
  ///   - continuation: values of δ that are solved first, in order.
  ///   - jitter: the relative magnitude of random noise on the initial plans, in [0, 1).
  ///   - seed: the seed of the noise.
  ///   - evaluation: the method by which kernel sums are computed.
  public init(
    sweeps: Int = 10, stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 5000),
    leastIterations: Int = 50,
    patience: Int = 10, continuation: [Double] = [], jitter: Double = 0, seed: UInt64 = 0,
    evaluation: KernelEvaluation = .automatic
  ) {
    self.sweeps = sweeps
    self.stopping = stopping
    self.leastIterations = leastIterations
    self.patience = patience
    self.continuation = continuation
    self.jitter = jitter
    self.seed = seed
    self.evaluation = evaluation
  }

  func validate() throws(ProblemError) {
    try stopping.validate()
    for (name, value) in [("the number of sweeps", sweeps), ("the patience", patience)] where value < 1 {
      throw .parameter(name: name, found: "\(value)", expected: "at least 1")
    }
    if leastIterations < 0 {
      throw .parameter(name: "the minimum number of iterations", found: "\(leastIterations)", expected: "at least 0")
    }
    if !(jitter >= 0 && jitter < 1) {
      throw .parameter(name: "the jitter", found: "\(jitter)", expected: "a number in [0, 1)")
    }
  }
}

/// A semi-coupling of one kind of points during the ascent, with masses scaled to 1.
struct SemiCouplingSide {
  let source: [Double]
  let target: [Double]
  private(set) var first: Matrix
  private(set) var second: Matrix
  /// The geometric mean √(P0 P1).
  private(set) var root: Matrix
  /// The sums M.
  var sums: Matrix
  /// F after the last sweep.
  private(set) var similarity = 0.0

  /// Starts from the product of the masses, or from a given plan.
  init(source: [Double], target: [Double], start: Matrix? = nil) {
    (self.source, self.target) = (source, target)
    let plan = start ?? Matrix(outer: source, target)
    (first, second, root) = (plan, plan, plan)
    sums = Matrix(rows: source.count, columns: target.count)
  }

  /// Multiplies P1 by random noise.
  mutating func disturb(_ jitter: Double, _ random: inout SeededGenerator) {
    second = second.map { $0 * random.uniform(in: 1 - jitter...1 + jitter) }
    root = Matrix(geometricMean: first, second)
  }

  /// The number of chunks of rows that run in parallel; small problems have one.
  private var chunks: Int { source.count * target.count < 100_000 ? 1 : 8 }

  /// Sweeps P0 and P1 with M fixed.
  mutating func sweep(_ count: Int) {
    let (rows, columns) = (source.count, target.count)
    let largest = sums.withUnsafeMutableElements { ck_clamp($0, rows * columns) }
    // If no pair is similar, all mass is destroyed.
    let inverse = largest > 0 ? 1 / largest : 0
    var scale = [Double](repeating: 1, count: columns)
    for step in 1...count {
      let columnSums = sweepOnce(inverse, scale, writesFirst: step == count)
      scale = zip(target, columnSums).map { $1 < 1e-280 ? 0 : $0 / $1 }
    }
    let roots = scale.map { $0.squareRoot() }
    similarity = sums.withUnsafeElements { m in
      first.withUnsafeElements { first in
        second.withUnsafeMutableElements { second in
          root.withUnsafeMutableElements { ck_semi_finish(m, inverse, first, second, scale, roots, $0, rows, columns) }
        }
      }
    }
  }

  private mutating func sweepOnce(_ inverse: Double, _ scale: [Double], writesFirst: Bool) -> [Double] {
    let (rows, columns, chunks, source) = (source.count, target.count, chunks, source)
    var partial = [Double](repeating: 0, count: chunks * columns)
    sums.withUnsafeElements { m in
      first.withUnsafeMutableElements { first in
        second.withUnsafeMutableElements { second in
          partial.withUnsafeMutableBufferPointer { partial in
            guard let partial = partial.baseAddress else { return }
            nonisolated(unsafe) let (weights, one, two, ends) = (m, first, second, partial)
            forEachChunk(of: rows, chunks: chunks) { chunk, range in
              let start = range.lowerBound * columns
              source.withUnsafeBufferPointer { masses in
                guard let masses = masses.baseAddress else { return }
                ck_semi_sweep(
                  weights + start, inverse, two + start, scale, masses + range.lowerBound, range.count, columns,
                  writesFirst ? one + start : nil, ends + chunk * columns)
              }
            }
          }
        }
      }
    }
    return (0..<columns).map { column in (0..<chunks).reduce(0) { $0 + partial[$1 * columns + column] } }
  }
}

extension SemiCouplingSide {
  /// The semi-coupling between all points, with the original masses.
  ///
  /// - Parameters:
  ///   - masses: the masses of all points.
  ///   - places: the indices of this side's points among all points.
  /// - Returns: the semi-coupling, with zeros for the other points.
  func expanded(to masses: (source: [Double], target: [Double]), from places: (source: [Int], target: [Int]))
    -> SemiCoupling
  {
    func full(_ matrix: Matrix, _ weights: [Double]) -> Matrix {
      let mass = compensatedSum(weights)
      if places.source.count == masses.source.count, places.target.count == masses.target.count {
        // Matrices of mass 1 are shared, not copied for the sake of a last digit.
        return abs(mass - 1) < 1e-15 ? matrix : matrix.map { mass * $0 }
      }
      var result = Matrix(rows: masses.source.count, columns: masses.target.count)
      for (i, row) in places.source.enumerated() {
        for (j, column) in places.target.enumerated() { result[row, column] = mass * matrix[i, j] }
      }
      return result
    }
    return SemiCoupling(source: full(first, masses.source), target: full(second, masses.target))
  }
}

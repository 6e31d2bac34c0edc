import CKernels
import LinearAlgebra

/// Block coordinate ascent on F of a `ConicProblem`: for fixed Q the sums M_ij = max(0, Σ_kl Ω √(Q0 Q1)_kl) are formed once, then
///
///     P0_ij ← μ1_i M_ij² P1_ij / Σ_j M_ij² P1_ij,      P1_ij ← μ2_j M_ij² P0_ij / Σ_i M_ij² P0_ij
///
/// are swept several times with M frozen, F being concave in (P0, P1); then M' and Q alike (Antony Oliver, Hartman, Needham 2025, arXiv:2508.10888, with
/// one sweep). F never falls. Masses are scaled to 1 first, which is
/// exact, and points without mass left out. Where a row's sum is below 1e-280 its mass is destroyed.
///
/// The product of the masses, where it starts, is nearly stationary: F leaves it slowly, the more so the larger δ is, and a small change there
/// says nothing. Hence the residual is the largest relative fall of the squared distance in the last `patience` iterations, and none of the first
/// `leastIterations` ends the ascent. F is not concave in all four: the limit depends on the start. Passing through smaller δ first helps; between
/// symmetric networks or tables the product is a saddle, and `AnchoredStarts` finds starts beside it.
public struct SemiCouplingAscent: Sendable {
  /// Sweeps with M frozen; they cost passes over the plans alone. 10 suit δ up to about the size of the values' differences, 20 to 100 larger ones.
  public var sweeps: Int
  /// The tolerance is of the residual.
  public var stopping: StoppingRule
  public var leastIterations: Int
  public var patience: Int
  /// Values of δ to be solved for first, each from the solution of the one before.
  public var continuation: [Double]
  /// The relative size of seeded noise on the start, below 1.
  public var jitter: Double
  public var seed: UInt64
  public var evaluation: KernelEvaluation

  public init(
    sweeps: Int = 10, stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 5000), leastIterations: Int = 50,
    patience: Int = 10, continuation: [Double] = [], jitter: Double = 0, seed: UInt64 = 0, evaluation: KernelEvaluation = .automatic
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
    if leastIterations < 0 { throw .parameter(name: "the least number of iterations", found: "\(leastIterations)", expected: "at least 0") }
    if !(jitter >= 0 && jitter < 1) { throw .parameter(name: "the jitter", found: "\(jitter)", expected: "a number from 0 up to 1") }
  }
}

/// Semi-couplings of one kind of points, of masses scaled to 1, that are swept.
struct SemiCouplingSide {
  let source: [Double]
  let target: [Double]
  private(set) var first: Matrix
  private(set) var second: Matrix
  /// √(P0 P1).
  private(set) var root: Matrix
  /// M.
  var sums: Matrix
  /// F after the last sweep.
  private(set) var similarity = 0.0

  /// From the product of masses, or from a coupling.
  init(source: [Double], target: [Double], start: Matrix? = nil) {
    (self.source, self.target) = (source, target)
    let plan = start ?? Matrix(outer: source, target)
    (first, second, root) = (plan, plan, plan)
    sums = Matrix(rows: source.count, columns: target.count)
  }

  /// Multiplies P1 by noise.
  mutating func disturb(_ jitter: Double, _ random: inout SeededGenerator) {
    second = second.map { $0 * random.uniform(in: 1 - jitter...1 + jitter) }
    root = Matrix(geometricMean: first, second)
  }

  /// Rows that a thread takes at a time; small problems are one.
  private var chunks: Int { source.count * target.count < 100_000 ? 1 : 8 }

  /// Sweeps P0 and P1 with M as it stands.
  mutating func sweep(_ count: Int) {
    let (rows, columns) = (source.count, target.count)
    let largest = sums.withUnsafeMutableElements { ck_clamp($0, rows * columns) }
    // No pair is alike: all mass is destroyed.
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
  /// The semi-coupling between all points, with the masses that were asked for.
  ///
  /// - Parameters:
  ///   - masses: of all points.
  ///   - places: of this side's points among them.
  func expanded(to masses: (source: [Double], target: [Double]), from places: (source: [Int], target: [Int])) -> SemiCoupling {
    func full(_ matrix: Matrix, _ weights: [Double]) -> Matrix {
      let mass = compensatedSum(weights)
      if places.source.count == masses.source.count, places.target.count == masses.target.count {
        // Large ones are shared rather than copied for the sake of a last digit.
        return abs(mass - 1) < 1e-15 ? matrix : matrix.map { mass * $0 }
      }
      var result = Matrix(rows: masses.source.count, columns: masses.target.count)
      for (i, row) in places.source.enumerated() {
        for (j, column) in places.target.enumerated() { result[row, column] = mass * matrix[i, j] }
      }
      return result
    }
    return SemiCoupling(first: full(first, masses.source), second: full(second, masses.target))
  }
}

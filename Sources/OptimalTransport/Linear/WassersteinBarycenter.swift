import CKernels
import Glibc
import LinearAlgebra

/// Entropic Wasserstein barycenters on a fixed support, by iterative Bregman projections.
///
/// It solves
///
///     min over b of Σ_s λ_s min { ⟨C, P⟩ + ε Σ P (log P − 1) : P1 = a_s, Pᵀ1 = b }.
///
/// The iteration is u_s = a_s/(K v_s), b = Π_s (K u_s)^λ_s, v_s = b/(K u_s) with K = exp(−C/ε) (Benamou, Carlier,
/// Cuturi, Nenna, and Peyré, 2015, DOI 10.1137/141000439). With `isDebiased`, b is multiplied by d with d ← √(d b/(K
/// d)), which gives the barycenter of the Sinkhorn divergence, without entropic blur (Janati, Cuturi, and Gramfort,
/// 2020, arXiv:2006.02575); the barycenter of one measure is then that measure.
///
/// The problem is convex, and the iteration converges to its unique solution. Products with K use scalings as long as
/// these and their result stay in [1e-278, 1e260], and logarithms otherwise, so that the result is never NaN, for any
/// ε. The residual is Σ_s λ_s ‖P_s 1 − a_s‖₁ as a fraction of the mass, between two half steps when P_sᵀ1 = b holds,
/// plus the change of b if debiased.
///
///     let problem = try BarycenterProblem(measures: images, support: .grid(shape: [64, 64], step: 1.0 / 64))
///     let solution = try WassersteinBarycenter(epsilon: 1e-3, isDebiased: true).solve(problem)
///
/// - Complexity: 2 s products with K per iteration, O(N²) each or O(N Σ n_k) on a grid. Memory is O(sN) besides the
///   cost matrix.
public struct WassersteinBarycenter: Sendable {
  /// The regularization ε > 0, in units of the cost.
  public var epsilon: Double
  /// Whether to compute the barycenter of the Sinkhorn divergence, which has no entropic blur.
  public var isDebiased: Bool
  /// The tolerance on the relative marginal residual and the iteration limit.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of the cost.
  ///   - isDebiased: whether to remove the entropic blur.
  ///   - stopping: the tolerance on the relative marginal residual and the iteration limit.
  public init(
    epsilon: Double, isDebiased: Bool = false,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 5000)
  ) {
    self.epsilon = epsilon
    self.isDebiased = isDebiased
    self.stopping = stopping
  }

  /// Computes the barycenter.
  ///
  /// - Parameters:
  ///   - problem: the measures, their weights, and the support.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the barycenter and the objective.
  /// - Throws: `ProblemError.parameter` if ε or the stopping rule is out of range.
  public func solve(_ problem: BarycenterProblem, monitor: Monitor? = nil) throws(ProblemError) -> BarycenterSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    var state = BregmanProjections(problem, epsilon: epsilon, isDebiased: isDebiased)
    let run = iterate(stopping, monitor: monitor) { _ in .advanced(residual: state.advance()) }
    // If costs exceed the digits of ε, logarithms carry no information about the mass.
    let weights = state.barycenter
    let status = run.status.confirmed(
      error: abs(compensatedSum(weights) / state.mass - 1), tolerance: stopping.tolerance)
    return BarycenterSolution(
      weights: weights, value: state.value, status: status, iterations: run.iterations, trace: run.trace)
  }
}

/// An entropic Wasserstein barycenter on a fixed support.
public struct BarycenterSolution: Sendable {
  /// The barycenter b, N nonnegative numbers with the mass of the measures.
  public let weights: [Double]
  /// The objective Σ_s λ_s (⟨C, P_s⟩ + ε Σ P_s (log P_s − 1)) at the final scalings.
  public let value: Double
  /// Whether the solver converged, and if not, why it ended.
  public let status: Status
  /// The number of iterations.
  public let iterations: Int
  /// The history of the iteration, with the residual that `WassersteinBarycenter` documents.
  public let trace: Trace
}

/// The iteration on the logarithms of the scalings.
private struct BregmanProjections {
  private let problem: BarycenterProblem
  private let epsilon: Double
  private let isDebiased: Bool
  private let kernel: GibbsOperator
  let mass: Double
  private let logMeasures: [[Double]]
  private var logU: [[Double]]
  private var logV: [[Double]]
  private var logD: [Double]
  private var logBarycenter: [Double]

  init(_ problem: BarycenterProblem, epsilon: Double, isDebiased: Bool) {
    self.problem = problem
    self.epsilon = epsilon
    self.isDebiased = isDebiased
    kernel = GibbsOperator(problem.support, epsilon: epsilon)
    mass = compensatedSum(problem.measures[row: 0])
    logMeasures = (0..<problem.measures.rows).map { logarithms(Array(problem.measures[row: $0])) }
    let zeros = [Double](repeating: 0, count: kernel.count)
    logU = logMeasures.map { _ in zeros }
    logV = logU
    logD = zeros
    logBarycenter = zeros
  }

  var barycenter: [Double] { exponentials(logBarycenter) }

  /// Performs both half steps and returns the residual between them.
  mutating func advance() -> Double {
    var error = 0.0
    var products: [[Double]] = []
    var mean = isDebiased ? logD : [Double](repeating: 0, count: kernel.count)
    for s in logU.indices {
      let row = logProduct(logV[s])
      error += problem.shares[s] * marginalError(s, row)
      logU[s] = Self.difference(logMeasures[s], row)
      let product = logProduct(logU[s])
      if problem.shares[s] > 0 { ck_axpy(problem.shares[s], product, &mean, mean.count) }
      products.append(product)
    }
    // At the solution the mass is correct; on the way there it can be off by a factor e^±5000.
    let excess = Self.logSum(mean) - log(mass)
    for i in mean.indices { mean[i] -= excess }
    if isDebiased { error += absoluteDifference(barycenter, exponentials(mean)) }
    logBarycenter = mean
    for s in logV.indices { logV[s] = Self.difference(logBarycenter, products[s]) }
    if isDebiased {
      let product = logProduct(logD)
      for i in logD.indices where logBarycenter[i] > -.infinity {
        logD[i] = (logD[i] + logBarycenter[i] - product[i]) / 2
      }
    }
    return error / mass
  }

  /// Returns x − y for logarithms, −∞ where x is −∞.
  private static func difference(_ x: [Double], _ y: [Double]) -> [Double] {
    x.indices.map { x[$0] == -.infinity ? x[$0] : x[$0] - y[$0] }
  }

  private static func logSum(_ x: [Double]) -> Double {
    let largest = x.max() ?? 0
    return largest + log(exponentials(x.map { $0 - largest }).reduce(0, +))
  }

  /// Returns ‖P1 − a‖₁ of one measure.
  private func marginalError(_ s: Int, _ row: [Double]) -> Double {
    let measure = problem.measures[row: s]
    let marginal = exponentials(row.indices.map { logU[s][$0] + row[$0] })
    return zip(measure, marginal).reduce(0) { $0 + ($1.0 > 0 ? abs($1.0 - $1.1) : 0) }
  }

  /// Returns log K exp(x), by the kernel itself if nothing overflows and no result is so small that lost terms
  /// matter, otherwise in the log domain.
  private func logProduct(_ x: [Double]) -> [Double] {
    if x.allSatisfy({ $0 < 600 }) {
      let product = logarithms(kernel.apply(exponentials(x)))
      if product.allSatisfy({ $0 > -640 && $0 < 700 }) { return product }
    }
    return kernel.applyToLogarithms(x)
  }

  var value: Double {
    let weights = barycenter
    return logU.indices.reduce(0) { sum, s in
      let paired = zip(problem.measures[row: s], logU[s]).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * $1.1 : 0) }
      let target = zip(weights, logV[s]).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * $1.1 : 0) }
      return sum + problem.shares[s] * epsilon * (paired + target - mass)
    }
  }
}

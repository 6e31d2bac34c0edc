import CKernels
import Glibc
import LinearAlgebra

/// A plan π between weighted points with the sums that biconvex objectives need.
struct RelaxedPlan {
  var plan: Matrix
  private(set) var mass: Double
  /// The entropies Σ π log(π/(a⊗b)), Σ π1 log(π1/a), and Σ π2 log(π2/b), without their mass terms.
  private(set) var entropy: Double
  private(set) var sourceEntropy: Double
  private(set) var targetEntropy: Double

  /// Computes the marginals and entropies of a plan.
  ///
  /// - Parameters:
  ///   - plan: π.
  ///   - a: the source weights.
  ///   - b: the target weights.
  ///   - entropy: Σ π log(π/(a⊗b)), if the caller knows it; computed from the definition if nil.
  init(_ plan: Matrix, _ a: [Double], _ b: [Double], entropy: Double? = nil) {
    self.plan = plan
    let (rows, columns) = (plan.rowSums, plan.columnSums)
    mass = compensatedSum(rows)
    sourceEntropy = Self.entropy(rows, a)
    targetEntropy = Self.entropy(columns, b)
    self.entropy = entropy ?? Self.entropy(plan.elements, Matrix(outer: a, b).elements)
  }

  private static func entropy(_ p: [Double], _ q: [Double]) -> Double {
    compensatedSum(zip(p, q).map { $0 > 0 && $1 > 0 ? $0 * (log($0) - log($1)) : 0 })
  }

  /// Multiplies the plan by s.
  mutating func scale(by s: Double) {
    let count = plan.elements.count
    plan.withUnsafeMutableElements { elements in for index in 0..<count { elements[index] *= s } }
    let gain = s * log(s) * mass
    entropy = s * entropy + gain
    sourceEntropy = s * sourceEntropy + gain
    targetEntropy = s * targetEntropy + gain
    mass *= s
  }

  /// The L1 distance from another plan, as a fraction of the mass.
  func change(from other: RelaxedPlan) -> Double {
    plan.withUnsafeElements { x in other.plan.withUnsafeElements { ck_absolute_change(x, $0, plan.elements.count) } } / max(mass, 1e-300)
  }
}

/// One of the two blocks of a biconvex problem, which finds the best plan of its side for a fixed plan of the other
/// side.
///
/// The objective
///
///     F(π, γ) = ⟨T(γ), π⟩ + labels + ρ1 KL(π1⊗γ1 | μ1⊗ν1) + ρ2 KL(π2⊗γ2 | μ2⊗ν2) + ε KL(π⊗γ | μ⊗ν)
///
/// is, for fixed γ of mass m, an unbalanced linear problem in π with penalty weights m ρ, regularization m ε, and
/// cost T(γ) + ρ1 Σ γ1 log(γ1/ν1) + ρ2 Σ γ2 log(γ2/ν2) + ε Σ γ log(γ/ν), by the tensorization of KL. "labels" stands
/// for linear feature terms.
final class BiconvexSide {
  let source: [Double]
  let target: [Double]
  private let epsilon: Double
  private let relaxation: MarginalRelaxation
  private let workspace: ScalingWorkspace
  private let stopping: StoppingRule
  /// The mass below which a plan counts as zero; a plan that tends to zero would halve the digits of its mass in
  /// every step forever.
  private let leastMass: Double
  private(set) var innerIterations = 0
  private(set) var isSettled = false
  private(set) var potentials = Potentials(source: [], target: [])

  init(source: [Double], target: [Double], epsilon: Double, relaxation: MarginalRelaxation, stopping: StoppingRule) {
    self.source = source
    self.target = target
    self.epsilon = epsilon
    self.relaxation = relaxation
    workspace = ScalingWorkspace(source: source, target: target, epsilon: epsilon, relaxation: relaxation)
    self.stopping = stopping
    leastMass = 1e-60 * max(compensatedSum(source), compensatedSum(target))
  }

  /// The linear problem that a plan of the other side poses.
  struct LinearCost {
    var matrix: Matrix
    /// The mass m, the factor of ρ and ε.
    var mass: Double

    /// Returns the weighted mean of two costs per unit of mass, scaled to this cost's mass.
    ///
    /// Only the ratio of cost and mass determines the plan. A weighted sum would repeat forever what a much heavier
    /// plan once required.
    ///
    /// - Parameters:
    ///   - other: the old cost.
    ///   - kept: the weight of the old cost.
    /// - Returns: the averaged cost.
    func averaged(with other: LinearCost, kept: Double) -> LinearCost {
      var result = self
      let (count, share) = (matrix.elements.count, kept * mass / other.mass)
      result.matrix.withUnsafeMutableElements { x in other.matrix.withUnsafeElements { ck_blend(1 - kept, share, $0, x, count) } }
      return result
    }
  }

  /// The linear problem that the other side's plan γ poses, given T(γ) with the linear feature terms.
  func cost(_ other: RelaxedPlan, quadratic: Matrix) -> LinearCost {
    var constant = epsilon * other.entropy
    if relaxation.source.isFinite { constant += relaxation.source * other.sourceEntropy }
    if relaxation.target.isFinite { constant += relaxation.target * other.targetEntropy }
    return LinearCost(matrix: quadratic.map { $0 + constant }, mass: other.mass)
  }

  /// The best π; nil if its mass is zero (below 1e-60 of the weights) or overflows.
  func answer(_ cost: LinearCost) -> RelaxedPlan? {
    workspace.set(epsilon: epsilon * cost.mass, relaxation: relaxation.scaled(by: cost.mass))
    innerIterations += workspace.iterate(cost.matrix, stopping: stopping).iterations
    let plan = workspace.takePlan()
    potentials = workspace.potentials(cost.matrix)
    let error = workspace.optimalityError(plan, potentials)
    // The finished plan is decisive: an inner solve that reaches its limit just above the tolerance may meet the
    // conditions.
    isSettled = Status.converged.confirmed(error: error, tolerance: stopping.tolerance).isConverged
    let result = RelaxedPlan(plan, source, target, entropy: workspace.entropy(of: plan, cost: cost.matrix))
    return result.mass > leastMass && result.mass.isFinite && result.entropy.isFinite && plan.firstNonFinite == nil ? result : nil
  }

  /// The terms of F(π, γ) apart from ⟨T(γ), π⟩ and the linear feature terms.
  ///
  /// - Parameters:
  ///   - plan: π.
  ///   - other: γ.
  ///   - otherSide: the side of γ, with weights ν.
  /// - Returns: the marginal penalties and the entropy.
  func penalties(_ plan: RelaxedPlan, _ other: RelaxedPlan, otherSide: BiconvexSide) -> (marginals: Double, entropy: Double) {
    let (m, k) = (plan.mass, other.mass)
    // KL(p⊗q | μ⊗ν) = m(q) Σ p log(p/μ) + m(p) Σ q log(q/ν) − m(p) m(q) + m(μ) m(ν).
    func product(_ p: Double, _ q: Double, _ reference: Double) -> Double { k * p + m * q - m * k + reference }
    let source = compensatedSum(source) * compensatedSum(otherSide.source)
    let target = compensatedSum(target) * compensatedSum(otherSide.target)
    var marginals = 0.0
    if relaxation.source.isFinite { marginals += relaxation.source * product(plan.sourceEntropy, other.sourceEntropy, source) }
    if relaxation.target.isFinite { marginals += relaxation.target * product(plan.targetEntropy, other.targetEntropy, target) }
    return (marginals, epsilon * product(plan.entropy, other.entropy, source * target))
  }
}

import CKernels
import Glibc
import LinearAlgebra

/// A plan π between weighted points together with what bi-convex objectives ask of it.
struct RelaxedPlan {
  var plan: Matrix
  private(set) var mass: Double
  /// Σ π log(π/(a⊗b)), Σ π1 log(π1/a), Σ π2 log(π2/b): entropies without their mass terms.
  private(set) var entropy: Double
  private(set) var sourceEntropy: Double
  private(set) var targetEntropy: Double

  /// - Parameter entropy: Σ π log(π/(a⊗b)) where the caller knows it; computed from the definition when nil.
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

  /// s π.
  mutating func scale(by s: Double) {
    let count = plan.elements.count
    plan.withUnsafeMutableElements { elements in for index in 0..<count { elements[index] *= s } }
    let gain = s * log(s) * mass
    entropy = s * entropy + gain
    sourceEntropy = s * sourceEntropy + gain
    targetEntropy = s * targetEntropy + gain
    mass *= s
  }

  /// Σ |π − other| as a fraction of the mass.
  func change(from other: RelaxedPlan) -> Double {
    plan.withUnsafeElements { x in other.plan.withUnsafeElements { ck_absolute_change(x, $0, plan.elements.count) } } / max(mass, 1e-300)
  }
}

/// One of the two sides of a bi-convex problem: the plan between its points that is best for a given plan of the other side.
///
///     F(π, γ) = ⟨T(γ), π⟩ + labels + ρ1 KL(π1⊗γ1 | μ1⊗ν1) + ρ2 KL(π2⊗γ2 | μ2⊗ν2) + ε KL(π⊗γ | μ⊗ν)
///
/// is for fixed γ of mass m an unbalanced linear problem in π with the relaxations m ρ, the entropy m ε and the cost T(γ) + ρ1 Σ γ1
/// log(γ1/ν1) + ρ2 Σ γ2 log(γ2/ν2) + ε Σ γ log(γ/ν), by the tensorisation of KL.
final class BiconvexSide {
  let source: [Double]
  let target: [Double]
  private let epsilon: Double
  private let relaxation: MarginalRelaxation
  private let workspace: ScalingWorkspace
  private let stopping: StoppingRule
  /// A plan that tends to zero halves the digits of its mass in every step, and would never get there.
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

  /// What π is to be best for.
  struct LinearCost {
    var matrix: Matrix
    /// m, the factor of ρ and ε.
    var mass: Double

    /// The mean of two costs of a unit of mass, for this one's mass. Only their ratio to the mass decides on the plan: sums would go on to
    /// repeat what a much heavier plan has asked for once.
    ///
    /// - Parameter kept: the other one's share.
    func averaged(with other: LinearCost, kept: Double) -> LinearCost {
      var result = self
      let (count, share) = (matrix.elements.count, kept * mass / other.mass)
      result.matrix.withUnsafeMutableElements { x in other.matrix.withUnsafeElements { ck_blend(1 - kept, share, $0, x, count) } }
      return result
    }
  }

  /// The linear problem that the other side's plan γ poses; its T(γ), labels included, is given.
  func cost(_ other: RelaxedPlan, quadratic: Matrix) -> LinearCost {
    var constant = epsilon * other.entropy
    if relaxation.source.isFinite { constant += relaxation.source * other.sourceEntropy }
    if relaxation.target.isFinite { constant += relaxation.target * other.targetEntropy }
    return LinearCost(matrix: quadratic.map { $0 + constant }, mass: other.mass)
  }

  /// The best π; nil when its mass is zero (below 1e-60 of its sides') or beyond the numbers.
  func answer(_ cost: LinearCost) -> RelaxedPlan? {
    workspace.set(epsilon: epsilon * cost.mass, relaxation: relaxation.scaled(by: cost.mass))
    innerIterations += workspace.iterate(cost.matrix, stopping: stopping).iterations
    let plan = workspace.takePlan()
    potentials = workspace.potentials(cost.matrix)
    let error = workspace.optimalityError(plan, potentials)
    // The finished plan is what counts: an inner solve that ends at its limit just above the tolerance may have met what is asked of it.
    isSettled = Status.converged.confirmed(error: error, tolerance: stopping.tolerance).isConverged
    let result = RelaxedPlan(plan, source, target, entropy: workspace.entropy(of: plan, cost: cost.matrix))
    return result.mass > leastMass && result.mass.isFinite && result.entropy.isFinite && plan.firstNonFinite == nil ? result : nil
  }

  /// The terms of F(π, γ) besides ⟨T(γ), π⟩ and labels: marginal penalties and entropy.
  ///
  /// - Parameter otherSide: the side of γ, with ν.
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

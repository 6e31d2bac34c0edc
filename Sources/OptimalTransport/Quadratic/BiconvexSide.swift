import CKernels
import LinearAlgebra

/// One of the two sides of a bi-convex problem: the plan between its points that is best for a given plan of the other
/// side.
///
///     F(π, γ) = ⟨T(γ), π⟩ + labels + ρ1 KL(π1⊗γ1 | μ1⊗ν1) + ρ2 KL(π2⊗γ2 | μ2⊗ν2) + ε KL(π⊗γ | μ⊗ν)
///
/// is for fixed γ of mass m an unbalanced linear problem in π with the relaxations m ρ, the entropy m ε and the cost
/// T(γ) + ρ1 Σ γ1 log(γ1/ν1) + ρ2 Σ γ2 log(γ2/ν2) + ε Σ γ log(γ/ν), by the tensorisation of KL. Where the entropies are
/// ε KL(π | μ) and ε' KL(γ | ν) instead, that of π is ε and the cost has no term of it. With ρ/2 ‖π1⊗γ1 − μ1⊗ν1‖² in
/// place of KL it is ½ ρ ‖γ1‖² ‖π1 − μ1 ⟨γ1, ν1⟩/‖γ1‖²‖² but for a constant.
///
/// The linear problem is solved by Sinkhorn's iteration, and without entropy exactly (`MarginalPair`), from the pairs
/// of the answer before.
final class BiconvexSide {
  let source: [Double]
  let target: [Double]
  private let epsilon: Double
  private let relaxation: MarginalRelaxation
  private let penalty: MarginalPenalty
  /// Whether the entropy is that of π⊗γ.
  private let isJoint: Bool
  /// Nil without entropy.
  private let workspace: ScalingWorkspace?
  /// The pairs of the last answer without entropy.
  private var pairs: [PlanEntry]?
  private let stopping: StoppingRule
  /// A plan that tends to zero halves the digits of its mass in every step, and would never get there.
  private let leastMass: Double
  private(set) var innerIterations = 0
  private(set) var isSettled = false
  private(set) var potentials = Potentials(source: [], target: [])

  init(
    source: [Double], target: [Double], epsilon: Double, relaxation: MarginalRelaxation, stopping: StoppingRule,
    penalty: MarginalPenalty = .kl, isJoint: Bool = true
  ) {
    self.source = source
    self.target = target
    self.epsilon = epsilon
    self.relaxation = relaxation
    (self.penalty, self.isJoint) = (penalty, isJoint)
    workspace =
      epsilon > 0 ? ScalingWorkspace(source: source, target: target, epsilon: epsilon, relaxation: relaxation) : nil
    self.stopping = stopping
    leastMass = 1e-60 * max(compensatedSum(source), compensatedSum(target))
  }

  /// What π is to be best for.
  struct LinearCost {
    var matrix: Matrix
    /// m, the factor of ρ and ε.
    var mass: Double
    /// γ's marginals, where penalties are squares: their squared lengths and their products with ν's.
    var squares: (source: Double, target: Double) = (0, 0)
    var overlaps: (source: Double, target: Double) = (0, 0)

    /// Returns the weighted mean of two costs per unit of mass, scaled to this cost's mass.
    ///
    /// Only the ratio of cost and mass determines the plan. A weighted sum would repeat forever what a much heavier
    /// plan once required.
    ///
    /// - Parameters:
    ///   - other: the old cost.
    ///   - kept: the weight of the old cost.
    /// - Returns: The averaged cost.
    func averaged(with other: LinearCost, kept: Double) -> LinearCost {
      var result = self
      let (count, share) = (matrix.elements.count, kept * mass / other.mass)
      result.matrix.withUnsafeMutableElements { x in
        other.matrix.withUnsafeElements { ck_blend(1 - kept, share, $0, x, count) }
      }
      return result
    }
  }

  /// The linear problem that the other side's plan γ poses, given T(γ) with the linear feature terms; `weights` are
  /// those of ν, if penalties are squares.
  func cost(_ other: RelaxedPlan, quadratic: Matrix, of weights: (source: [Double], target: [Double])? = nil)
    -> LinearCost
  {
    if penalty == .l2, let weights {
      let (rows, columns) = (other.plan.rowSums, other.plan.columnSums)
      return LinearCost(
        matrix: quadratic, mass: other.mass, squares: (dot(rows, rows), dot(columns, columns)),
        overlaps: (dot(rows, weights.source), dot(columns, weights.target)))
    }
    var constant = isJoint && epsilon > 0 ? epsilon * other.entropy : 0
    if relaxation.source.isFinite { constant += relaxation.source * other.sourceEntropy }
    if relaxation.target.isFinite { constant += relaxation.target * other.targetEntropy }
    return LinearCost(matrix: quadratic.map { $0 + constant }, mass: other.mass)
  }

  /// The best π; nil when its mass is zero (below 1e-60 of its sides') or beyond the numbers.
  ///
  /// - Throws: without entropy, what the exact solver throws.
  func answer(_ cost: LinearCost) throws(ProblemError) -> RelaxedPlan? {
    guard let workspace else { return try exactAnswer(cost) }
    workspace.set(epsilon: isJoint ? epsilon * cost.mass : epsilon, relaxation: relaxation.scaled(by: cost.mass))
    innerIterations += workspace.iterate(cost.matrix, stopping: stopping).iterations
    let plan = workspace.takePlan()
    potentials = workspace.potentials(cost.matrix)
    let error = workspace.optimalityError(plan, potentials)
    // The finished plan is what counts: an inner solve that ends at its limit just above the tolerance may have met
    // what is asked of it.
    isSettled = Status.converged.confirmed(error: error, tolerance: stopping.tolerance).isConverged
    let result = RelaxedPlan(plan, source, target, entropy: workspace.entropy(of: plan, cost: cost.matrix))
    return result.mass > leastMass && result.mass.isFinite && result.entropy.isFinite && plan.firstNonFinite == nil
      ? result : nil
  }

  /// The best π without entropy, certified by its own gap.
  private func exactAnswer(_ cost: LinearCost) throws(ProblemError) -> RelaxedPlan? {
    func side(_ weights: [Double], _ rho: Double, _ square: Double, _ overlap: Double) -> PenalizedSide? {
      if penalty == .kl || !(rho > 0 && rho < .infinity) {
        return PenalizedSide(weights, rho: rho * cost.mass, penalty: penalty)
      }
      let share = overlap / square
      return share > 0 && share < .infinity && rho * square > 0
        ? PenalizedSide(weights.map { $0 * share }, rho: rho * square, penalty: penalty) : nil
    }
    guard let rows = side(source, relaxation.source, cost.squares.source, cost.overlaps.source),
      let columns = side(target, relaxation.target, cost.squares.target, cost.overlaps.target)
    else { return nil }
    let pair = MarginalPair(cost: cost.matrix, source: rows, target: columns)
    let solution = try pair.solution(stopping, start: pairs)
    innerIterations += solution.iterations
    pairs = solution.entries
    isSettled = solution.status.isConverged
    potentials = solution.potentials
    let result = RelaxedPlan(Coupling(entries: solution.entries, source: source, target: target).plan, source, target)
    return result.mass > leastMass && result.mass.isFinite ? result : nil
  }

  /// The terms of F(π, γ) apart from ⟨T(γ), π⟩ and the linear feature terms.
  ///
  /// - Parameters:
  ///   - plan: π.
  ///   - other: γ.
  ///   - otherSide: the side of γ, with weights ν.
  /// - Returns: The marginal penalties and the entropy.
  func penalties(_ plan: RelaxedPlan, _ other: RelaxedPlan, otherSide: BiconvexSide) -> (
    marginals: Double, entropy: Double
  ) {
    let (m, k) = (plan.mass, other.mass)
    // KL(p⊗q | μ⊗ν) = m(q) Σ p log(p/μ) + m(p) Σ q log(q/ν) − m(p) m(q) + m(μ) m(ν).
    func product(_ p: Double, _ q: Double, _ reference: Double) -> Double { k * p + m * q - m * k + reference }
    let source = compensatedSum(source) * compensatedSum(otherSide.source)
    let target = compensatedSum(target) * compensatedSum(otherSide.target)
    var marginals = 0.0
    if penalty == .l2 {
      for (rho, p, a, q, c) in [
        (relaxation.source, plan.plan.rowSums, self.source, other.plan.rowSums, otherSide.source),
        (relaxation.target, plan.plan.columnSums, self.target, other.plan.columnSums, otherSide.target),
      ] where rho.isFinite { marginals += rho / 2 * Self.squaredDistance(p, a, q, c) }
      return (marginals, 0)
    }
    if relaxation.source.isFinite {
      marginals += relaxation.source * product(plan.sourceEntropy, other.sourceEntropy, source)
    }
    if relaxation.target.isFinite {
      marginals += relaxation.target * product(plan.targetEntropy, other.targetEntropy, target)
    }
    if isJoint { return (marginals, epsilon > 0 ? epsilon * product(plan.entropy, other.entropy, source * target) : 0) }
    return (marginals, ownEntropy(plan) + otherSide.ownEntropy(other))
  }

  /// ε KL(π | μ), where entropies are apart.
  private func ownEntropy(_ plan: RelaxedPlan) -> Double {
    epsilon > 0 ? epsilon * (plan.entropy - plan.mass + compensatedSum(source) * compensatedSum(target)) : 0
  }

  /// ‖p⊗q − a⊗c‖², whose terms are squares.
  static func squaredDistance(_ p: [Double], _ a: [Double], _ q: [Double], _ c: [Double]) -> Double {
    compensatedSum(
      p.indices.map { i in
        q.indices.reduce(0) { sum, k in
          let difference = p[i] * q[k] - a[i] * c[k]
          return sum + difference * difference
        }
      })
  }
}

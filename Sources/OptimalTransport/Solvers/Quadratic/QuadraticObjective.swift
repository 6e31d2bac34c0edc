import CKernels
import LinearAlgebra

/// The objective f(P) = (1 − α) ⟨M, P⟩ + α ⟨T(P), P⟩ of a quadratic problem without its marginal terms, and half its gradient
/// H(P) = α T(P) + (1 − α)/2 M, the linear cost that every step uses.
struct QuadraticObjective {
  private let features: Matrix?
  private let alpha: Double
  private var cost: QuadraticCost

  /// H of the plan last evaluated. A caller may swap it for another matrix of the same shape.
  var halfGradient: Matrix {
    get { cost.matrix }
    _modify { yield &cost.matrix }
  }

  init(_ problem: QuadraticProblem, isMixed: Bool = false) {
    features = problem.features
    alpha = problem.alpha
    cost = QuadraticCost(problem, isMixed: isMixed)
  }

  /// Evaluates f at a plan and leaves H(P) in `halfGradient`.
  ///
  /// - Parameters:
  ///   - exactly: as in `QuadraticCost.refresh`.
  ///   - featureWeight: a factor of M in H alone.
  mutating func evaluate(_ plan: Matrix, exactly: Bool = true, featureWeight: Double = 1) -> QuadraticParts {
    let quadratic = cost.refresh(plan, exactly: exactly)
    blend(featureWeight)
    return parts(quadratic: quadratic, of: plan)
  }

  /// Evaluates f at the product plan a bᵀ/√(m(a) m(b)) of the problem's weights.
  mutating func evaluateProductPlan(_ problem: QuadraticProblem) -> QuadraticParts {
    let plan = problem.productPlan
    let scale = (compensatedSum(problem.source.weights) * compensatedSum(problem.target.weights)).squareRoot()
    cost.refresh(outer: problem.source.weights, problem.target.weights.map { $0 / scale })
    let quadratic = dot(cost.matrix.elements, plan.elements)
    blend(1)
    return parts(quadratic: quadratic, of: plan)
  }

  private func parts(quadratic: Double, of plan: Matrix) -> QuadraticParts {
    QuadraticParts(quadratic: quadratic, linear: features.map { dot($0.elements, plan.elements) } ?? 0, alpha: alpha)
  }

  /// The parts of f at a plan whose H is known: no product is taken but for α = 0, where H says nothing of T.
  mutating func parts(of plan: Matrix, halfGradient: Matrix) -> QuadraticParts {
    if alpha == 0 { return evaluate(plan) }
    let linear = features.map { dot($0.elements, plan.elements) } ?? 0
    let quadratic = (dot(halfGradient.elements, plan.elements) - (1 - alpha) / 2 * linear) / alpha
    return QuadraticParts(quadratic: quadratic, linear: linear, alpha: alpha)
  }

  /// Leaves H(S) of a sparse plan in `halfGradient`.
  mutating func evaluate(_ entries: [PlanEntry]) {
    cost.refresh(entries)
    blend(1)
  }

  private mutating func blend(_ featureWeight: Double) {
    guard let features else { return }
    let (count, alpha) = (features.elements.count, alpha)
    cost.matrix.withUnsafeMutableElements { cost in
      features.withUnsafeElements { ck_blend(alpha, featureWeight * (1 - alpha) / 2, $0, cost, count) }
    }
  }
}

/// The two parts of a fused objective.
public struct QuadraticParts: Sendable, Equatable {
  /// ⟨T(P), P⟩ = Σ K_ik (D1_ik − D2_jl)² P_ij P_kl, which is GW²(P) without a kernel.
  public let quadratic: Double
  /// ⟨M, P⟩; 0 without features.
  public let linear: Double
  let alpha: Double

  /// (1 − α) ⟨M, P⟩ + α ⟨T(P), P⟩.
  public var value: Double { alpha == 1 ? quadratic : (1 - alpha) * linear + alpha * quadratic }
}

import CKernels
import LinearAlgebra

/// The objective f(P) = (1 − α) ⟨M, P⟩ + α ⟨T(P), P⟩ of a quadratic problem without marginal terms, and half its
/// gradient.
///
/// H(P) = α T(P) + (1 − α)/2 M is the linear cost that every step uses.
struct QuadraticObjective {
  private let features: Matrix?
  private let alpha: Double
  private let pairs: PairDistortion
  private var cost: QuadraticCost

  /// H of the plan that was evaluated last.
  ///
  /// A caller may swap it for another matrix of the same shape.
  var halfGradient: Matrix {
    get { cost.matrix }
    _modify { yield &cost.matrix }
  }

  init(_ problem: QuadraticProblem, isMixed: Bool = false) {
    features = problem.finiteFeatures
    alpha = problem.alpha
    pairs = PairDistortion(
      problem.source.geometry, problem.target.geometry, proximity: problem.proximity, loss: problem.loss)
    cost = QuadraticCost(problem, isMixed: isMixed)
  }

  /// Evaluates f at a plan and stores H(P) in `halfGradient`.
  ///
  /// - Parameters:
  ///   - plan: P.
  ///   - exactly: whether to use double precision throughout, as in `QuadraticCost.refresh`.
  ///   - featureWeight: a factor of M in H only.
  /// - Returns: the quadratic and linear terms of f.
  mutating func evaluate(_ plan: Matrix, exactly: Bool = true, featureWeight: Double = 1) -> QuadraticParts {
    let quadratic = cost.refresh(plan, exactly: exactly)
    blend(featureWeight)
    return parts(quadratic: quadratic, of: plan)
  }

  /// Evaluates f at the product plan a bᵀ/√(m(a) m(b)) and stores H there in `halfGradient`, up to row and column
  /// terms.
  mutating func evaluateProductPlan(_ problem: QuadraticProblem) -> QuadraticParts {
    let plan = problem.productPlan
    let scale = (compensatedSum(problem.source.weights) * compensatedSum(problem.target.weights)).squareRoot()
    let quadratic = cost.refresh(outer: problem.source.weights, problem.target.weights.map { $0 / scale })
    blend(1)
    return parts(quadratic: quadratic, of: plan)
  }

  private func parts(quadratic: Double, of plan: Matrix) -> QuadraticParts {
    QuadraticParts(
      quadratic: max(0, quadratic), linear: features.map { dot($0.elements, plan.elements) } ?? 0, alpha: alpha)
  }

  /// Stores H(S) of a sparse plan in `halfGradient`.
  mutating func evaluate(_ entries: [PlanEntry]) {
    cost.refresh(entries)
    blend(1)
  }

  /// The terms of f at a sparse plan, summed over pairs of its entries; nil if matrix products would be faster.
  func parts(of entries: [PlanEntry]) -> QuadraticParts? {
    guard pairs.isCheap(entries.count) else { return nil }
    let linear = features.map { features in compensatedSum(entries.map { features[$0.row, $0.column] * $0.mass }) } ?? 0
    return QuadraticParts(quadratic: pairs.value(entries), linear: linear, alpha: alpha)
  }

  /// Evaluates f at a sparse plan; `halfGradient` may be overwritten.
  mutating func value(of entries: [PlanEntry]) -> Double {
    if let parts = parts(of: entries) { return parts.value }
    evaluate(entries)
    let sum = compensatedSum(entries.map { halfGradient[$0.row, $0.column] * $0.mass })
    guard let features else { return sum }
    return sum + (1 - alpha) / 2 * compensatedSum(entries.map { features[$0.row, $0.column] * $0.mass })
  }

  /// The terms of f at a plan, for reports: over pairs of entries if there are few, otherwise by products in double
  /// precision.
  mutating func report(_ plan: Matrix) -> QuadraticParts {
    let columns = plan.columns
    var entries: [PlanEntry] = []
    for (index, mass) in plan.elements.enumerated() where mass > 0 {
      entries.append(PlanEntry(row: index / columns, column: index % columns, mass: mass))
      if !pairs.isCheap(entries.count) { return evaluate(plan) }
    }
    return parts(of: entries) ?? evaluate(plan)
  }

  private mutating func blend(_ featureWeight: Double) {
    guard let features else { return }
    let (count, alpha) = (features.elements.count, alpha)
    cost.matrix.withUnsafeMutableElements { cost in
      features.withUnsafeElements { ck_blend(alpha, featureWeight * (1 - alpha) / 2, $0, cost, count) }
    }
  }
}

/// The quadratic and the linear term of a fused objective.
public struct QuadraticParts: Sendable, Equatable {
  /// ⟨T(P), P⟩ = Σ K_ik (D1_ik − D2_jl)² P_ij P_kl, which is GW²(P) without a kernel; with another loss in place of the
  /// square, where the problem has one.
  public let quadratic: Double
  /// ⟨M, P⟩; 0 without features.
  public let linear: Double
  let alpha: Double

  /// The fused objective (1 − α) ⟨M, P⟩ + α ⟨T(P), P⟩.
  public var value: Double { alpha == 1 ? quadratic : (1 - alpha) * linear + alpha * quadratic }
}

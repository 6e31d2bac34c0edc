import Foundation
import LinearAlgebra

/// Gromov–Wasserstein transport with square loss by entropic steps. With T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl, each iteration solves
///
///     mirror descent:   P⁺ = argmin ⟨T(P), Q⟩ + ε KL(Q | a⊗b)      over Q ≥ 0 with Q1 = a, Qᵀ1 = b
///     proximal point:   P⁺ = argmin ⟨T(P), Q⟩ + ε KL(Q | P)
///
/// by Sinkhorn scaling from the previous potentials. Mirror descent (Peyré, Cuturi, Solomon 2016) seeks stationary points of
/// GW²(P) + 2ε KL(P | a⊗b); the proximal point method (Xu, Luo, Zha, Carin 2019, arXiv:1901.06003) seeks stationary points of GW²(P)
/// itself, and ε is only its step length.
///
/// Both are heuristics for a non-convex problem: they end in a stationary point that depends on the start, not in a certified minimum.
/// The start is the product plan a⊗b unless one is given.
///
/// Conventions: ε is absolute, in units of T, hence of squared distances. POT (and SCOT) step along the gradient 2T instead: **their ε
/// is twice ours** (`init(gradientEpsilon:)` takes theirs). Their entropy −H differs from KL(· | a⊗b) by a constant on feasible plans.
///
/// The residual is the change ‖P⁺ − P‖_F. The status is `converged` only if the change fell to the tolerance *and* the last inner solve
/// met its own tolerance on the marginals; else the iteration goes on. When ε is so small that the plan is nearly a permutation, Sinkhorn's
/// marginals converge slower than linearly, and the limit may be reached first: the status says so. Zero weights get no mass. Never NaN.
///
/// Time 2nm(n+m) for the two products and O(nm) per inner iteration; memory n² + m² + 4nm numbers.
public struct EntropicGromovWasserstein: Sendable {
  public enum Step: String, Sendable, CaseIterable {
    case mirrorDescent = "mirror-descent"
    case proximalPoint = "proximal-point"
  }

  /// ε > 0 as above.
  public var epsilon: Double
  public var step: Step
  /// Tolerance on ‖P⁺ − P‖_F, iteration limit, and how often to look.
  public var stopping: StoppingRule
  /// Tolerance on ‖Pᵀ1 − b‖₁ and iteration limit of each inner solve. Inner solves may end early: they start from the potentials of the
  /// one before, so that a fixed point of the whole has accurate marginals all the same.
  public var innerStopping: StoppingRule

  /// Whether problems of 65 536 plan entries and more may refresh T by the product of the plan's change in single precision. Intermediate
  /// plans then carry an error of 1e-4 of the last change, which vanishes as the plan converges; the reported values are always computed in
  /// double. It halves the time of large problems.
  public var usesMixedPrecision = true

  public init(
    epsilon: Double, step: Step = .mirrorDescent,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.epsilon = epsilon
    self.step = step
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Takes ε in the convention of POT and SCOT, whose steps go along the gradient 2T: half of it is ours.
  public init(gradientEpsilon: Double, step: Step = .mirrorDescent) {
    self.init(epsilon: gradientEpsilon / 2, step: step)
  }

  /// Solves the problem from `start` (n×m, its marginals need not fit), or from the product plan.
  ///
  /// - Throws: `ProblemError` when ε or a stopping rule makes no sense, or the start has another shape or is not finite.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    try innerStopping.validate()
    let (a, b) = (problem.source.weights, problem.target.weights)
    let scale = compensatedSum(a)
    var plan = start ?? Matrix(outer: a, b.map { $0 / scale })
    try Self.validate(start: plan, for: problem)

    let workspace = ScalingWorkspace(source: a, target: b, epsilon: epsilon)
    let sinkhorn = Sinkhorn(epsilon: epsilon, stopping: innerStopping)
    var quadratic = QuadraticCost(problem)
    let isMixed = usesMixedPrecision && a.count * b.count >= mixedPrecisionSize
    // The proximal reference P is exp(potentials − all former costs): its inner cost is the sum of T over all steps.
    var cost = step == .proximalPoint ? plan.map { -epsilon * log(max($0, 1e-300)) } : Matrix(rows: plan.rows, columns: plan.columns)
    var entropy = start == nil ? 0 : Self.relativeEntropy(plan, a, b)
    var innerIterations = 0

    let run = iterate(stopping, monitor: monitor) { _ in
      var objective = quadratic.refresh(plan, exactly: !isMixed)
      if step == .mirrorDescent { objective += 2 * epsilon * entropy }
      switch step {
      case .mirrorDescent: swap(&cost, &quadratic.matrix)
      case .proximalPoint: cost.add(quadratic.matrix)
      }
      return cost.withUnsafeElements { elements in
        let inner = sinkhorn.iterate(workspace, cost: elements)
        innerIterations += inner.iterations
        let change = workspace.writePlan(&plan).squareRoot()
        entropy = workspace.relativeEntropy(of: plan, cost: cost)
        // A plan that no longer changes, but whose marginals are not met yet, is not done.
        return .advanced(residual: change, objective: objective, isSettled: inner.status.isConverged)
      }
    }
    let value = quadratic.refresh(plan)
    let coupling = Coupling(plan: plan, source: a, target: b)
    return GromovWassersteinSolution(
      coupling: coupling, value: value, regularizedValue: value + 2 * epsilon * entropy,
      status: coupling.confirming(run.status, tolerance: innerStopping.tolerance), iterations: run.iterations,
      innerIterations: innerIterations, trace: run.trace)
  }

  private static func validate(start plan: Matrix, for problem: QuadraticProblem) throws(ProblemError) {
    let (n, m) = (problem.source.count, problem.target.count)
    if plan.rows != n || plan.columns != m {
      throw .shape(name: "the start", found: "\(plan.rows)×\(plan.columns) elements", expected: "\(n)×\(m)")
    }
    if let (row, column) = plan.firstNonFinite {
      throw .nonFinite(name: "the start", place: "(\(row), \(column))", value: plan[row, column])
    }
    if plan.elements.contains(where: { $0 < 0 }) {
      throw .parameter(
        name: "the smallest element of the start", found: "\(plan.elements.min() ?? 0)", expected: "a number that is not negative")
    }
  }

  /// KL(P | a⊗b), by the definition.
  private static func relativeEntropy(_ plan: Matrix, _ a: [Double], _ b: [Double]) -> Double {
    var sum = compensatedSum(a) * compensatedSum(b)
    for i in 0..<plan.rows {
      for j in 0..<plan.columns where plan[i, j] > 0 && a[i] > 0 && b[j] > 0 {
        sum += plan[i, j] * (log(plan[i, j] / (a[i] * b[j])) - 1)
      }
    }
    return sum
  }
}

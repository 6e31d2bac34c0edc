import CKernels
import LinearAlgebra

/// The conditional gradient (Frank–Wolfe) method for quadratic objectives over the plans of a linear oracle.
///
/// It minimizes f(P) = (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl. Each step finds the vertex S that
/// minimizes the linearized objective, warm-started from the previous vertex, and then the exact minimum of f on the
/// segment from P to S. If no step improves to first order, `SecondOrder` looks for a lower vertex by curvature, and
/// the iteration continues from there.
///
/// The objective never increases. The residual is the duality gap ⟨∇f(P), P − S⟩, as a fraction of the product plan's
/// quadratic term and the |M| that P or S pays.
struct ConditionalGradient {
  let stopping: StoppingRule
  let oracle: any LinearOracle

  /// Descends from a plan that is feasible for the oracle.
  ///
  /// - Parameters:
  ///   - problem: the problem; of its marginals, only the weights of the product plan are used.
  ///   - start: an initial plan without mass on forbidden pairs. If nil, the descent begins at the product plan, or
  ///     the closest plan without forbidden pairs, of an oracle that prescribes both marginals; the gradient there is
  ///     computed up to row and column terms, which do not affect its plans.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: a stationary point.
  /// - Throws: `ProblemError` if the linear problem is infeasible.
  func descend(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> GromovWassersteinSolution {
    var plan: Matrix
    if let start { plan = start } else { plan = try problem.allowedPlan }
    // H = ∇f/2 at the plan and at the vertex: both are affine in the plan, so a step needs only the vertex's
    // products.
    var objective = QuadraticObjective(problem)
    let product = objective.evaluateProductPlan(problem)
    // A large M counts only if the plan pays it.
    let price = problem.finiteFeatures?.map { (1 - problem.alpha) * abs($0) }
    let quadraticScale = problem.alpha * abs(product.quadratic)
    var value = start == nil && !problem.forbidsPairs ? product.value : objective.evaluate(plan).value
    var gradient = objective.halfGradient
    var atVertex = gradient
    var vertex: PlanVertex?
    var pivots = 0
    let startScale = quadraticScale + (price.map { dot($0.elements, plan.elements) } ?? 0)
    var secondOrder = SecondOrder(problem, oracle, leastGain: max(stopping.tolerance, 1e-12) * startScale)

    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let linear = try oracle.vertex(for: problem.forbidding(gradient), from: vertex)
      vertex = linear
      pivots += linear.pivots
      // f(P + tE) = f + b t + c t² for E = S − P.
      let along = dot(gradient.elements, plan.elements)
      let slope = 2 * (linear.value - along)
      let scale =
        quadraticScale + (price.map { max(dot($0.elements, plan.elements), $0.paid(by: linear.entries)) } ?? 0)
      let gap = scale > 0 ? max(0, -slope) / scale : 0
      let before = value
      guard gap > stopping.tolerance else {
        guard let lower = try secondOrder.lowerVertex(than: value, at: plan, gradient, linear, &objective) else {
          return .advanced(residual: gap, objective: value)
        }
        objective.evaluate(lower.entries)
        swap(&gradient, &objective.halfGradient)
        plan.move(toward: lower.entries, by: 1)
        value = lower.value
        return .advanced(residual: gap, objective: before, isSettled: false)
      }
      objective.evaluate(linear.entries)
      swap(&atVertex, &objective.halfGradient)
      let curvature =
        linear.entries.reduce(0) { $0 + $1.mass * (atVertex[$1.row, $1.column] - gradient[$1.row, $1.column]) }
        - dot(atVertex.elements, plan.elements) + along
      let step = curvature > 0 ? min(1, -slope / (2 * curvature)) : 1
      value += step * slope + step * step * curvature
      // If the value is almost zero, it is recomputed as a sum of nonnegative terms.
      if step == 1, abs(value) < 1e-3 * scale { value = objective.value(of: linear.entries) }
      plan.move(toward: linear.entries, by: step)
      gradient.blend(1 - step, with: atVertex, step)
      return .advanced(residual: gap, objective: before)
    }
    let parts = objective.report(plan)
    let none = Potentials(source: plan.rowSums.map { _ in 0 }, target: plan.columnSums.map { _ in 0 })
    return GromovWassersteinSolution(
      coupling: oracle.coupling(plan), parts: parts, regularizedValue: parts.value,
      potentials: vertex?.potentials ?? none,
      status: run.status, iterations: run.iterations, innerIterations: pivots, trace: run.trace)
  }
}

extension Matrix {
  /// Returns ⟨C, S⟩.
  fileprivate func paid(by entries: [PlanEntry]) -> Double {
    entries.reduce(0) { $0 + self[$1.row, $1.column] * $1.mass }
  }

  /// Replaces P with (1 − t) P + t S.
  fileprivate mutating func move(toward entries: [PlanEntry], by t: Double) {
    let (count, columns) = (elements.count, columns)
    withUnsafeMutableElements { elements in
      for index in 0..<count { elements[index] *= 1 - t }
      for entry in entries { elements[entry.row * columns + entry.column] += t * entry.mass }
    }
  }

  /// Replaces this matrix with `own` times itself plus `share` times the other.
  fileprivate mutating func blend(_ own: Double, with other: Matrix, _ share: Double) {
    let count = elements.count
    withUnsafeMutableElements { elements in other.withUnsafeElements { ck_blend(own, share, $0, elements, count) } }
  }
}

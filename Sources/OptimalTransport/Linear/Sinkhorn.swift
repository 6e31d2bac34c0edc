import LinearAlgebra

/// Entropic optimal transport, balanced or unbalanced, by Sinkhorn's algorithm.
///
/// It solves
///
///     min  ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b)   over P ≥ 0,
///
/// with KL(p|q) = Σ p log(p/q) − p + q, where ρ = ∞ (a balanced problem, the default) prescribes a marginal and ρ = 0
/// leaves it free, and P_ij = 0 where C_ij = ∞.
///
/// The algorithm is alternating scaling (Cuturi, 2013, arXiv:1306.0895; relaxed marginals: Chizat, Peyré, Schmitzer,
/// and Vialard, 2018, DOI 10.1090/mcom/3303), with scalings absorbed into potentials when they grow (Schmitzer, 2019,
/// DOI 10.1137/16M1106018), momentum, and for relaxed marginals the optimal translation of the potentials in closed
/// form (Séjourné, Vialard, and Peyré, 2022, arXiv:2201.00730). For prescribed marginals, costs that range over more
/// than 1e6 ε and forbidden pairs are first reduced by the exact solution (`NetworkSimplex`).
///
/// The problem is strictly convex: the iteration converges linearly to its unique solution from any start, more
/// slowly the smaller ε is relative to the range of C. The residual is ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁ as a fraction of the
/// plan's mass, after a half step that establishes P1 = a exp(−φ/ρ1); for prescribed marginals it is ‖Pᵀ1 − b‖₁. If
/// the status is not `converged` the result may be inaccurate, but it is never NaN, for any ε. Points of weight zero
/// receive no mass, and finite potentials.
///
///     let problem = try LinearProblem(cost: cost)
///     let solution = try Sinkhorn(epsilon: 0.01).solve(problem)
///     print(solution.status, solution.transportCost)
///
/// - Complexity: O(nm) per iteration. Memory is 16 bytes per entry for the cost and the kernel, which becomes the
///   plan in place, and 8 more if the exact solution reduces the costs first.
public struct Sinkhorn: Sendable {
  /// The form of the iteration; both forms have the same fixed point.
  public enum Form: String, Sendable, CaseIterable {
    /// Matrix–vector scaling with momentum and one multiplication per entry, absorbed into potentials when necessary;
    /// the faster form.
    case scaling
    /// Log-sum-exp updates of the potentials with one exponential per entry; a few times slower.
    case logarithmic
  }

  /// The regularization ε > 0, in units of the cost.
  ///
  /// For large ε the plan tends to a⊗b, and for small ε to an optimal plan of the unregularized problem.
  public var epsilon: Double
  /// The form of the iteration.
  public var form: Form
  /// The factor of ε-scaling, in (0, 1); nil solves at the final ε from the start.
  ///
  /// ε decreases by this factor per stage, from the range of the relevant costs to its final value. Each stage is
  /// warm-started from the potentials of the previous one, which takes far fewer iterations at small ε.
  public var epsilonScaling: Double?
  /// The tolerance on the relative marginal residual, the limit on iterations over all stages, and the check
  /// interval.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of the cost.
  ///   - form: the form of the iteration.
  ///   - epsilonScaling: the factor of ε-scaling, in (0, 1); nil disables it.
  ///   - stopping: the tolerance on the relative marginal residual and the iteration limit.
  public init(
    epsilon: Double, form: Form = .scaling, epsilonScaling: Double? = nil,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.form = form
    self.epsilonScaling = epsilonScaling
    self.stopping = stopping
  }

  /// Computes the entropic plan.
  ///
  /// - Parameters:
  ///   - problem: a balanced or relaxed problem.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the plan, its potentials, and the primal and dual objectives.
  /// - Throws: `ProblemError.infeasible` if no plan has a finite cost; `.parameter` if ε is not positive or below
  ///   1e-150 of the largest cost, a mass is outside of 1e-100…1e100, the stopping rule is invalid, or the plan
  ///   overflows (negative costs at small ρ, or ρ beyond 1e15 ε).
  public func solve(_ problem: LinearProblem, monitor: Monitor? = nil) throws(ProblemError) -> EntropicSolution {
    try validate(problem)
    let pose = try EntropicPose(problem, epsilon: epsilon)
    let plan: Matrix
    var run = Run(.converged, iterations: 0)
    var found = Potentials(source: problem.source.map { _ in 0 }, target: problem.target.map { _ in 0 })
    // If all pairs are forbidden, all mass is dropped.
    if pose.source.contains(where: { $0 > 0 }) {
      let workspace = ScalingWorkspace(
        source: pose.source, target: pose.target, epsilon: epsilon, relaxation: problem.relaxation)
      run = cool(workspace, cost: pose.cost, range: pose.range, relaxation: problem.relaxation, monitor: monitor)
      if run.status != .interrupted {
        var rest = stopping
        rest.iterationLimit = max(1, stopping.iterationLimit - run.iterations)
        let spent = run.iterations
        run = workspace.iterate(pose.cost, form: form, stopping: rest, monitor: monitor)
        run.iterations += spent
      }
      workspace.absorb(pose.cost, as: .double)
      plan = workspace.takePlan()
      found = workspace.potentials(pose.cost)
    } else {
      plan = Matrix(rows: problem.cost.rows, columns: problem.cost.columns)
    }
    try ProblemError.validate(plan: plan)
    return EntropicSolution(
      problem: problem, pose: pose, plan: plan, found: found, epsilon: epsilon, tolerance: stopping.tolerance, run: run)
  }

  private func validate(_ problem: LinearProblem) throws(ProblemError) {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    try ProblemError.validate(masses: [problem.source, problem.target])
    if let epsilonScaling, !(epsilonScaling > 0 && epsilonScaling < 1) {
      throw .parameter(name: "the ε-scaling factor", found: "\(epsilonScaling)", expected: "a number between 0 and 1")
    }
    let largest = problem.cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 }
    if largest / epsilon > largestCost {
      throw .parameter(name: "ε", found: "\(epsilon)", expected: "at least 1e-150 of the largest cost (\(largest))")
    }
  }

  /// Runs the stages of ε-scaling before the last one and returns their iterations.
  ///
  /// Each stage ends early, because its potentials only need to be good enough for the next. If the monitor stops a
  /// stage, the result carries its trace.
  private func cool(
    _ workspace: ScalingWorkspace, cost: Matrix, range: Double, relaxation: MarginalRelaxation,
    monitor: Monitor?
  ) -> Run {
    var spent = Run(.converged, iterations: 0)
    guard let factor = epsilonScaling else { return spent }
    var stage = range * factor
    while stage > epsilon, spent.iterations < stopping.iterationLimit - 1 {
      workspace.set(epsilon: stage, relaxation: relaxation)
      let rule = StoppingRule(tolerance: 1e-2, iterationLimit: min(100, stopping.iterationLimit - 1 - spent.iterations))
      let run = workspace.iterate(cost, form: form, stopping: rule, monitor: monitor)
      spent.iterations += run.iterations
      if run.status == .interrupted {
        (spent.status, spent.trace) = (run.status, run.trace)
        break
      }
      stage *= factor
    }
    workspace.set(epsilon: epsilon, relaxation: relaxation)
    return spent
  }
}

/// The number of plan entries from which solvers use single precision where it does not affect the result.
///
/// Smaller problems fit in the caches, where it would gain nothing.
let mixedPrecisionSize = 65_536

import LinearAlgebra

/// Entropic optimal transport, balanced or not:
///
///     min  ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b)   over P ≥ 0,      KL(p|q) = Σ p log(p/q) − p + q,
///
/// where ρ = ∞ (a balanced problem, the default) prescribes a marginal and ρ = 0 leaves it free, and P_ij = 0 where C_ij = ∞.
///
/// Algorithm: Sinkhorn's alternating scaling (Cuturi 2013, arXiv:1306.0895; relaxed marginals: Chizat, Peyré, Schmitzer, Vialard 2018,
/// DOI 10.1090/mcom/3303), with the scalings absorbed into potentials when they grow (Schmitzer 2019, DOI 10.1137/16M1106018), momentum,
/// and for relaxed marginals the translation between the potentials in closed form (Séjourné, Vialard, Peyré 2022, arXiv:2201.00730).
/// Between fixed marginals, costs that range over more than 1e6 ε and forbidden pairs are first reduced by the exact solution (`NetworkSimplex`).
///
/// The problem is strictly convex: the iteration tends to its one solution from any start, linearly, and the slower the smaller ε is
/// against the range of C. The residual is ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁ as a fraction of the plan's mass, after a half step that makes
/// P1 = a exp(−φ/ρ1); between fixed marginals it is ‖Pᵀ1 − b‖₁. The result may be short of the answer when the status is not `converged`,
/// but it is never NaN, at any ε. Points of weight zero get no mass and finite potentials.
///
/// Time O(nm) an iteration; memory 16 bytes an entry: the cost, and the kernel, of which the plan is made where it lies. Where the exact solution reduces
/// the costs first, these are a third matrix.
///
///     let problem = try LinearProblem(cost: cost)
///     let solution = try Sinkhorn(epsilon: 0.01).solve(problem)
///     print(solution.status, solution.transportCost)
public struct Sinkhorn: Sendable {
  /// How the iteration is carried out. Both have the same fixed point.
  public enum Form: String, Sendable, CaseIterable {
    /// Matrix–vector scaling with momentum, one multiplication an element, absorbed into potentials where it must be. The fast form.
    case scaling
    /// Log-sum-exp on the potentials, one exponential an element. The careful form, a few times slower.
    case logarithmic
  }

  /// ε > 0, in units of the cost; not relative to its range. Large: the plan tends to a⊗b. Small: it tends to an optimal plan.
  public var epsilon: Double
  public var form: Form
  /// When set, ε falls from the range of the costs that matter to its final value by this factor (in (0, 1)) a stage, each stage starting from the
  /// potentials of the one before: far fewer iterations at small ε. Nil solves at the final ε from the start.
  public var epsilonScaling: Double?
  /// Tolerance on the residual above, iteration limit (over all stages), and how often to look.
  public var stopping: StoppingRule

  public init(
    epsilon: Double, form: Form = .scaling, epsilonScaling: Double? = nil,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.form = form
    self.epsilonScaling = epsilonScaling
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Throws: `ProblemError.infeasible` when no plan has a finite cost; `.parameter` when ε is not positive or below 1e-150 of the largest cost, a
  ///   mass is outside of 1e-100…1e100, the stopping rule makes no sense, or the plan leaves the range of numbers (negative costs at small ρ, or ρ beyond 1e15 ε).
  public func solve(_ problem: LinearProblem, monitor: Monitor? = nil) throws(ProblemError) -> EntropicSolution {
    try validate(problem)
    let pose = try EntropicPose(problem, epsilon: epsilon)
    let plan: Matrix
    var run = Run(.converged, iterations: 0)
    var found = Potentials(source: problem.source.map { _ in 0 }, target: problem.target.map { _ in 0 })
    // Where all pairs are forbidden, all mass is given up.
    if pose.source.contains(where: { $0 > 0 }) {
      let workspace = ScalingWorkspace(source: pose.source, target: pose.target, epsilon: epsilon, relaxation: problem.relaxation)
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

  /// Goes through the stages of ε-scaling and returns the iterations they took, and the trace of the last stage where the monitor has interrupted it.
  /// Stages are left early: each only brings the potentials near enough for the next.
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

/// From this number of plan entries on, solvers use single precision where it does not touch the result. Smaller problems stay in the
/// caches, where it would gain nothing.
let mixedPrecisionSize = 65_536

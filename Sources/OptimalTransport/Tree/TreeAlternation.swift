import LinearAlgebra

/// The alternating minimization of `TreeGromovWasserstein`, with costs and plans in one precision.
final class TreeAlternation<Scalar: TreeScalar> {
  private let problem: TreeGromovWassersteinProblem
  private let solver: TreeGromovWasserstein
  private let cost: TreeQuadraticCost
  private let functional: TreeFunctional
  private let messages: TreeMessages<Scalar>
  private let scaling: TreeScaling<Scalar>
  /// The edge plans γ_e and their marginals and entropies.
  private var plans: [EdgeMatrix<Scalar>]
  private var state: TreeFunctional.State
  private var iteration = 0
  private var innerIterations = 0
  /// The averaging of costs, constant, and mass once the plans form a cycle.
  private var averaging = CycleAveraging(patience: 20)
  /// The values F(πₖ, πₖ) and F(πₖ₊₁, πₖ) of the steps so far.
  private var diagonal: [Double] = []
  /// The values F(πₖ, πₖ) without the entropy terms.
  private var values: [Double] = []
  private var history: [Double] = []
  private var averagedConstant = 0.0
  private var averagedMass = 0.0
  private(set) var reachedFloor = false
  /// ε of the current step, in units of squared distances.
  private var epsilon: Double

  init(_ problem: TreeGromovWassersteinProblem, solver: TreeGromovWasserstein, start: [Matrix]?) {
    self.problem = problem
    self.solver = solver
    cost = TreeQuadraticCost(problem)
    functional = TreeFunctional(problem)
    let marginals = problem.spaces.map(\.marginal)
    let given = start?.map { EdgeMatrix<Scalar>($0) }
    plans = given ?? functional.productPlans()
    state = functional.state(plans)
    messages = TreeMessages(
      topology: problem.topology, marginals: marginals, reference: problem.reference,
      costs: cost.initial(as: Scalar.self), separable: cost.separable, epsilon: solver.epsilon)
    scaling = TreeScaling(messages, form: .absorbed)
    epsilon = solver.epsilon
  }

  /// Continues a run that ended in another precision.
  init<Other>(continuing other: TreeAlternation<Other>) {
    problem = other.problem
    solver = other.solver
    cost = other.cost
    functional = other.functional
    plans = other.plans.map { EdgeMatrix(converting: $0) }
    state = functional.state(plans, entropy: other.state.entropy)
    messages = TreeMessages(
      topology: problem.topology, marginals: problem.spaces.map(\.marginal), reference: problem.reference,
      costs: cost.continued(other.messages.costs), separable: cost.separable, epsilon: other.messages.epsilon)
    messages.potentials = other.messages.potentials
    scaling = TreeScaling(messages, form: .absorbed)
    (iteration, innerIterations, averaging) = (other.iteration, other.innerIterations, other.averaging)
    (diagonal, history, values) = (other.diagonal, other.history, other.values)
    (averagedConstant, averagedMass, epsilon) = (other.averagedConstant, other.averagedMass, other.epsilon)
  }

  /// The minimum number of steps before a small change counts as convergence: leaving a saddle point starts slowly.
  private static var warmUp: Int { 10 }

  /// Runs the alternation.
  ///
  /// - Parameters:
  ///   - rule: when to stop.
  ///   - floor: whether to stop when the residual reaches the level of rounding errors.
  ///   - monitor: observes the iteration and may stop it.
  /// - Returns: the status, iterations, and trace.
  func run(_ rule: StoppingRule, floor: Bool = false, monitor: Monitor? = nil) -> Run {
    var remaining = rule
    let before = iteration
    remaining.iterationLimit = max(1, rule.iterationLimit - before)
    if floor { remaining.tolerance = max(rule.tolerance, roundingFloor) }
    let run = iterate(remaining, monitor: monitor) { _ in step() }
    reachedFloor = floor && run.status.isConverged && remaining.tolerance > rule.tolerance
    return Run(run.status, iterations: before + run.iterations, trace: run.trace.counted(from: before))
  }

  /// The largest cost per unit of mass.
  private var largestCost: Double { zip(cost.sizes, problem.edgeWeights).reduce(0) { max($0, $1.0 * $1.1) } }

  /// Whether costs and plans are far from underflow and overflow.
  var isWithinRange: Bool {
    let (range, mass) = (Scalar.safeRange, state.mass)
    return range.contains(mass)
      && (largestCost == 0 || range.contains(largestCost) && range.contains(largestCost * mass))
  }

  /// The relative change of a plan due to rounding of the costs; F(γ, γ) and F(π, γ) share most of it.
  private var roundingFloor: Double {
    let size = solver.epsilonUnit == .costRange ? 1 : largestCost
    return (solver.criterion == .plans ? 2 : 0.02) * Scalar.roundoff * size / solver.epsilon
  }

  private func step() -> StepOutcome {
    iteration += 1
    let level = solver.annealing?.epsilon(iteration, final: solver.epsilon) ?? solver.epsilon
    let isFinal = level == solver.epsilon
    // ρ keeps its ratio to ε: entropy scales with ε, and at a comparatively small ρ the best plan would have no mass.
    let penaltyScale = level / solver.epsilon
    let mass = state.mass
    let quadratic = cost.refresh(messages.costs, plans, state.nodeMarginals, mass: mass, oldWeight: averaging.oldWeight)
    epsilon = level * (solver.epsilonUnit == .costRange ? max(messages.costRange, .leastNormalMagnitude) / mass : 1)
    let features = cost.featureTerm(plans, paired: quadratic, mass: mass)
    diagonal.append(
      functional.value(
        linear: quadratic.reduce(0, +), features: features, state, state, epsilon: epsilon, penaltyScale: penaltyScale))
    values.append(functional.value(linear: quadratic.reduce(0, +), features: features, state, state, epsilon: 0))
    if iteration == 1 { addNoise(mass) }
    let constant = functional.constant(state, features: features, epsilon: epsilon, penaltyScale: penaltyScale)
    averagedConstant = averaging.mean(averagedConstant, constant)
    averagedMass = averaging.mean(averagedMass, mass)
    messages.pose(
      epsilon: epsilon * averagedMass, relaxationScale: penaltyScale * averagedMass, constant: averagedConstant)
    // Levels of annealing only need to lead to the last one.
    var rule = solver.innerStopping
    if !isFinal { rule.tolerance = max(rule.tolerance, 1e-4) }
    let inner = scaling.solve(rule)
    innerIterations += inner.iterations

    var next: [EdgeMatrix<Scalar>] = []
    var linear = 0.0
    for edge in plans.indices {
      let plan = messages.takeKernel(edge)
      messages.writePlan(edge, into: plan)
      linear += Scalar.dot(messages.costs[edge].elements, plan.elements, plan.count)
      next.append(plan)
    }
    let sums = problem.topology.nodeSums(next, of: problem.spaces.map(\.marginal))
    var new = functional.state(next, entropy: messages.entropy(sums, transportCost: linear))
    guard new.isUsable, linear.isFinite else {
      for (edge, plan) in next.enumerated() { messages.giveKernel(plan, edge) }
      diagonal.removeLast()
      values.removeLast()
      return .stalled(reason: "the mass of the best plan underflows; ρ or ε is too small for these distances")
    }
    let objective = functional.value(
      linear: linear, features: features, new, state, epsilon: epsilon, penaltyScale: penaltyScale)
    history.append(objective)
    if !messages.massIsPrescribed {
      let factor = (mass / new.mass).squareRoot()
      for plan in next { plan.scale(by: factor) }
      new.scale(by: factor)
    }
    var change = 0.0
    for edge in plans.indices {
      change += Scalar.change(next[edge].elements, plans[edge].elements, next[edge].count)
      messages.giveKernel(plans[edge], edge)
    }
    (plans, state) = (next, new)
    change /= max(state.mass, .leastNormalMagnitude)
    if isFinal {
      averaging.note(
        change: change, isCycling: CycleAveraging.isCycle(diagonal: diagonal, objectives: history, after: Self.warmUp))
    }
    return .advanced(
      residual: residual(change: change), objective: objective,
      isSettled: isFinal && iteration > Self.warmUp && inner.status.isConverged)
  }

  private func residual(change: Double) -> Double {
    let gaps = zip(diagonal, history).suffix(3).map { ($0 - $1) / max(abs($0), .leastNormalMagnitude) }
    // Averaged costs lag behind: the difference can have either sign and pass through zero.
    switch (solver.criterion, averaging.isActive) {
    case (.plans, false): return change
    case (.plans, true): return gaps.reduce(change) { max($0, abs($1)) }
    case (.gap, false): return max(gaps.last ?? change, 0)
    case (.gap, true): return gaps.reduce(0) { max($0, abs($1)) }
    }
  }

  /// The L1 error of the prescribed marginals, as a fraction of the mass.
  private var marginalError: Double {
    problem.spaces.indices.reduce(0) { worst, node in
      let marginal = problem.spaces[node].marginal
      guard marginal.isFixed, let weights = marginal.weights else { return worst }
      return max(worst, absoluteDifference(state.nodeMarginals[node], weights) / compensatedSum(weights))
    }
  }

  private func addNoise(_ mass: Double) {
    guard solver.noise > 0 else { return }
    var random = SeededGenerator(seed: solver.seed, stream: "tree start")
    let orders = problem.spaces.map(\.canonicalOrder)
    for (edge, matrix) in messages.costs.enumerated() {
      // A linear cost has no saddle point.
      let weight = problem.edgeCosts[edge].alpha > 0 ? problem.edgeCosts[edge].weight : 0
      let width = solver.noise * weight * cost.sizes[edge] * mass * 3.0.squareRoot()
      let ends = problem.topology.edges[edge]
      let noise = PairOrder(rows: orders[ends.first], columns: orders[ends.second]).drawn {
        random.uniform(in: -width...width)
      }
      for index in 0..<matrix.count { matrix.elements[index] += Scalar(noise.elements[index]) }
    }
  }

  /// Moves the plans into a solution; the alternation must not be used afterwards.
  func solution(_ run: Run) -> TreeGromovWassersteinSolution {
    messages.dropKernels()
    var run = run
    run.status = run.status.confirmed(error: marginalError, tolerance: max(solver.innerStopping.tolerance, 1e-5))
    let parts = plans.indices.map { cost.parts($0, plans[$0], state.nodeMarginals, mass: state.mass) }
    return TreeGromovWassersteinSolution(
      problem: problem, plans: plans.map { Scalar.finished($0) }, state: state, parts: parts,
      potentials: messages.potentials,
      penalty: functional.penalty(state, state), epsilon: epsilon,
      entropyTerm: functional.entropyTerm(state, state, epsilon: epsilon), run: run, innerIterations: innerIterations,
      diagonal: diagonal,
      values: values)
  }
}

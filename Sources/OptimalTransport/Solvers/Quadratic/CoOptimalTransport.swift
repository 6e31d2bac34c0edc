import LinearAlgebra

/// CO-optimal transport (Redko, Vayer, Flamary, Courty 2020, arXiv:2002.03731) and its entropic form:
///
///     min  Σ (X_ik − Y_jl)² P_ij Q_kl + ε_s KL(P | a⊗b) + ε_f KL(Q | c⊗d)   over couplings P of a, b and Q of c, d.
///
/// Algorithm: alternating minimisation; for fixed Q the cost of P is linear, (q(X) Q1) ⊕ (q(Y) Qᵀ1) − 2 X Q Yᵀ, and the other way round.
/// Where ε is 0 the linear problem is solved by the network simplex from the basis of the step before, else by `Sinkhorn` from the
/// previous potentials.
///
/// The objective never rises. The problem is bi-convex, not convex: the limit depends on the start, which is the product of weights for Q
/// unless given. The residual is how much the objective fell over both half steps, as a fraction of its value at the product plans. With
/// ε = 0 the plans are vertices and the iteration ends after finitely many steps.
///
/// Time an iteration: two products of n×d×e and n×e×m numbers and two linear problems; memory nd + me + 3nm + 3de.
///
///     let problem = try CoOptimalProblem(source: x, target: y)
///     let solution = try CoOptimalTransport().solve(problem)
///     print(solution.value, solution.samples.entries)
public struct CoOptimalTransport: Sendable {
  /// ε_s ≥ 0 in units of squared data; 0 is exact transport between samples.
  public var sampleEpsilon: Double
  /// ε_f ≥ 0, between features.
  public var featureEpsilon: Double
  public var stopping: StoppingRule
  /// Of inner Sinkhorn solves; not used where ε is 0.
  public var innerStopping: StoppingRule

  public init(
    sampleEpsilon: Double = 0, featureEpsilon: Double = 0, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 500),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 5000)
  ) {
    self.sampleEpsilon = sampleEpsilon
    self.featureEpsilon = featureEpsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the plan Q between features to start from (d×e); the product of their weights when nil.
  ///   - monitor: is told each recorded step and may stop the iteration.
  /// - Throws: `ProblemError` when a parameter makes no sense, the problem is not balanced, the start does not fit, or ε is so far below the data's
  ///   squares that a plan leaves the range of numbers.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try stopping.validate()
    try innerStopping.validate()
    if !problem.relaxation.isBalanced {
      throw .parameter(name: "ρ of a problem for a balanced solver", found: "finite", expected: "infinity: it keeps both marginals")
    }
    var samples = try BalancedSide(problem.samples, epsilon: sampleEpsilon, stopping: innerStopping)
    var features = try BalancedSide(problem.features, epsilon: featureEpsilon, stopping: innerStopping)
    try features.begin(start)
    var sampleCost = QuadraticCost(rowsOf: problem.source, problem.target)
    var featureCost = QuadraticCost(rowsOf: problem.source.transposed, problem.target.transposed)
    features.refresh(&sampleCost)
    let scale = dot(sampleCost.matrix.elements, samples.coupling.plan.elements)
    var value = Double.infinity
    var transport = scale
    var failure: ProblemError?

    let run = iterate(stopping, monitor: monitor) { _ in
      do throws(ProblemError) {
        try samples.answer(sampleCost.matrix)
        samples.refresh(&featureCost)
        try features.answer(featureCost.matrix)
        transport = features.value
        features.refresh(&sampleCost)
        let before = value
        value = transport + samples.penalty + features.penalty
        let fall = before == .infinity ? 1 : scale > 0 ? abs(before - value) / scale : 0
        return .advanced(residual: fall, objective: value, isSettled: samples.isSettled && features.isSettled)
      } catch {
        failure = error
        return .stalled(reason: error.description)
      }
    }
    if let failure { throw failure }
    let tolerance = innerStopping.tolerance
    let status = samples.coupling.confirming(features.coupling.confirming(run.status, tolerance: tolerance), tolerance: tolerance)
    return CoOptimalSolution(
      samples: samples.coupling, features: features.coupling, value: transport, regularizedValue: value,
      samplePotentials: samples.potentials, featurePotentials: features.potentials, status: status, iterations: run.iterations,
      trace: run.trace)
  }
}

/// The plan of one of the two sides between fixed marginals, and the linear solver that answers a cost.
private struct BalancedSide {
  private let source: [Double]
  private let target: [Double]
  private let epsilon: Double
  private let sinkhorn: Sinkhorn
  private let workspace: ScalingWorkspace?
  private var basis: TransportBasis?
  private var plan: Matrix
  /// The plan as entries, where it is a vertex; the matrix is not kept up to date then.
  private var entries: [PlanEntry]?
  /// ⟨C, P⟩ of the last cost answered.
  private(set) var value = 0.0
  private(set) var isSettled = true
  /// ε KL(P | a⊗b).
  private(set) var penalty = 0.0
  private(set) var potentials: (source: [Double], target: [Double])

  init(_ weights: (source: [Double], target: [Double]), epsilon: Double, stopping: StoppingRule) throws(ProblemError) {
    if !(epsilon >= 0 && epsilon.isFinite) {
      throw .parameter(name: "ε", found: "\(epsilon)", expected: "a number that is not negative")
    }
    (source, target) = weights
    self.epsilon = epsilon
    sinkhorn = Sinkhorn(epsilon: epsilon, stopping: stopping)
    workspace = epsilon > 0 ? ScalingWorkspace(source: source, target: target, epsilon: epsilon) : nil
    plan = CoOptimalProblem.productPlan(weights)
    potentials = (source.map { _ in 0 }, target.map { _ in 0 })
  }

  var coupling: Coupling {
    entries.map { Coupling(entries: $0, source: source, target: target) } ?? Coupling(plan: plan, source: source, target: target)
  }

  mutating func begin(_ start: Matrix?) throws(ProblemError) {
    guard let start else { return }
    try ProblemError.validate(start: start, rows: source.count, columns: target.count)
    plan = start
  }

  mutating func answer(_ cost: Matrix) throws(ProblemError) {
    guard let workspace else {
      let solution = try NetworkSimplex().solve(LinearProblem(cost: cost, source: source, target: target), start: basis)
      basis = solution.basis
      entries = solution.entries
      value = solution.value
      potentials = solution.potentials
      return
    }
    cost.withUnsafeElements { elements in
      let inner = sinkhorn.iterate(workspace, cost: elements)
      _ = workspace.writePlan(&plan)
      isSettled =
        inner.status.isConverged || Coupling(plan: plan, source: source, target: target).meetsMarginals(sinkhorn.stopping.tolerance)
      potentials = workspace.potentials(elements)
    }
    try ProblemError.validate(plan: plan)
    value = dot(cost.elements, plan.elements)
    penalty = epsilon * workspace.relativeEntropy(of: plan, cost: cost)
  }

  /// Computes the cost that this side's plan induces on the other.
  func refresh(_ cost: inout QuadraticCost) {
    if let entries { cost.refresh(entries) } else { cost.refresh(plan) }
  }
}

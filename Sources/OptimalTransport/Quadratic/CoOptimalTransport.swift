import LinearAlgebra

/// CO-optimal transport between two data tables, exact or entropic, by alternating minimization.
///
/// It solves
///
///     min  Σ (X_ik − Y_jl)² P_ij Q_kl + ⟨L, P⟩ + ⟨M, Q⟩ + ε_s KL(P | a⊗b) + ε_f KL(Q | c⊗d)
///
/// over couplings P of a and b, and Q of c and d (Redko, Vayer, Flamary, and Courty, 2020, arXiv:2002.03731). For
/// fixed Q the cost of P is linear, (q(X) Q1) ⊕ (q(Y) Qᵀ1) − 2 X Q Yᵀ, and vice versa; `TableCost` computes it
/// without cancellation at large offsets. The linear problems are solved by the network simplex from the previous
/// basis if ε is 0, and otherwise by `Sinkhorn` from the previous potentials.
///
/// The objective never increases. The problem is biconvex, not convex: the limit depends on the start, which is the
/// product of the weights for Q unless given. The product is uninformative if all rows have the same mean;
/// `AnchoredStarts` finds better starts. The residual is the decrease of the objective over both half steps, as a
/// fraction of its first value and of the squared table residuals. With ε = 0 the plans are vertices, the iteration
/// ends after finitely many steps, and a P that remains optimal for the last Q is kept; `converged` then means that
/// each plan is optimal for the other.
///
///     let problem = try CoOptimalProblem(source: x, target: y)
///     let solution = try CoOptimalTransport().solve(problem)
///     print(solution.value, solution.samples.entries)
///
/// - Complexity: products of n·d·e and n·e·m operations and two linear problems per iteration; memory for 3(nd + me)
///   + 4nm + 4de numbers. The reported value is a sum of nonnegative terms, in O((n + m)(d + e)) if ε is 0 and O(nmd
///   + mde) otherwise.
public struct CoOptimalTransport: Sendable {
  /// The regularization ε_s ≥ 0 of the plan between samples, in units of squared data; 0 solves exactly.
  public var sampleEpsilon: Double
  /// The regularization ε_f ≥ 0 of the plan between features, in units of squared data; 0 solves exactly.
  public var featureEpsilon: Double
  /// The tolerance on the relative decrease of the objective and the iteration limit.
  public var stopping: StoppingRule
  /// The stopping rule of inner Sinkhorn solves; ignored if ε is 0.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - sampleEpsilon: ε_s ≥ 0, in units of squared data; 0 solves exactly.
  ///   - featureEpsilon: ε_f ≥ 0, in units of squared data; 0 solves exactly.
  ///   - stopping: the tolerance on the relative decrease of the objective and the iteration limit.
  ///   - innerStopping: the stopping rule of inner Sinkhorn solves.
  public init(
    sampleEpsilon: Double = 0, featureEpsilon: Double = 0,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 500),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 5000)
  ) {
    self.sampleEpsilon = sampleEpsilon
    self.featureEpsilon = featureEpsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the initial plan Q between features, d×e; the product of their weights if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: both plans and the objective.
  /// - Throws: `ProblemError` if a parameter is out of range, the problem is not balanced, the start does not fit, or
  ///   a plan overflows because ε is far below the squared data.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try stopping.validate()
    try innerStopping.validate()
    try problem.relaxation.requireBalanced()
    var samples = try BalancedSide(
      problem.samples, linear: problem.linear.samples, epsilon: sampleEpsilon, stopping: innerStopping)
    var features = try BalancedSide(
      problem.features, linear: problem.linear.features, epsilon: featureEpsilon, stopping: innerStopping)
    try features.begin(start)
    var sampleCost = TableCost(problem.source, problem.target, rows: problem.samples, columns: problem.features)
    var featureCost = TableCost(
      problem.source.transposed, problem.target.transposed, rows: problem.features, columns: problem.samples)
    features.refresh(&sampleCost)
    let (sampleMass, featureMass) = (compensatedSum(problem.samples.source), compensatedSum(problem.features.source))
    var scale = sampleMass * featureMass * sampleCost.residualSquares
    var value = Double.infinity

    let run = try iterate(stopping, monitor: monitor) { iteration throws(ProblemError) in
      var fall = try samples.answer(sampleCost, keepingWithin: stopping.tolerance * scale)
      samples.refresh(&featureCost)
      fall += try features.answer(featureCost, keepingWithin: stopping.tolerance * scale)
      let transport = features.value
      if iteration == 1 { scale += max(samples.movable, features.movable, 0) }
      features.refresh(&sampleCost)
      value = transport + samples.linearCost + samples.penalty + features.penalty
      let residual = iteration == 1 ? 1 : scale > 0 ? abs(fall) / scale : 0
      return .advanced(residual: residual, objective: value, isSettled: samples.isSettled && features.isSettled)
    }
    let tolerance = innerStopping.tolerance
    let status = samples.coupling.confirming(
      features.coupling.confirming(run.status, tolerance: tolerance), tolerance: tolerance)
    let transport = problem.transportCost(samples: samples.coupling, features: features.coupling)
    let linear = problem.linearCosts(samples: samples.coupling, features: features.coupling)
    let total = transport + linear.samples + linear.features
    return CoOptimalSolution(
      samples: samples.coupling, features: features.coupling, value: total, transportCost: transport,
      linearCosts: linear,
      regularizedValue: total + samples.penalty + features.penalty,
      samplePotentials: samples.potentials, featurePotentials: features.potentials, status: status,
      iterations: run.iterations,
      trace: run.trace)
  }
}

/// The plan of one side between prescribed marginals, and the linear solver that updates it for a given cost.
private struct BalancedSide {
  private let source: [Double]
  private let target: [Double]
  private let mass: Double
  /// What pairs of this side cost in themselves; nil for nothing.
  private let linear: Matrix?
  private let epsilon: Double
  private let stopping: StoppingRule
  private let workspace: ScalingWorkspace?
  private var basis: TransportBasis?
  private var plan: Matrix
  /// The entries of the plan, if it is a vertex; the dense matrix is then outdated.
  private var entries: [PlanEntry]?
  /// Of the last answer, by `linear`.
  private(set) var linearCost = 0.0
  /// ⟨C, P⟩ of the last cost answered, `linear` included.
  private(set) var value = 0.0
  /// The value for the last cost without its row and column terms, which are the same for every plan.
  private(set) var movable = 0.0
  private(set) var isSettled = true
  /// The entropy term ε KL(P | a⊗b).
  private(set) var penalty = 0.0
  private(set) var potentials: Potentials

  init(
    _ weights: (source: [Double], target: [Double]), linear: Matrix?, epsilon: Double, stopping: StoppingRule
  ) throws(ProblemError) {
    if !(epsilon >= 0 && epsilon.isFinite) {
      throw .parameter(name: "ε", found: "\(epsilon)", expected: "a number that is not negative")
    }
    (source, target) = weights
    mass = compensatedSum(weights.source)
    self.linear = linear
    self.epsilon = epsilon
    self.stopping = stopping
    workspace = epsilon > 0 ? ScalingWorkspace(source: source, target: target, epsilon: epsilon) : nil
    plan = CoOptimalProblem.productPlan(weights)
    potentials = Potentials(source: source.map { _ in 0 }, target: target.map { _ in 0 })
  }

  var coupling: Coupling {
    entries.map { Coupling(entries: $0, source: source, target: target) }
      ?? Coupling(plan: plan, source: source, target: target)
  }

  mutating func begin(_ start: Matrix?) throws(ProblemError) {
    guard let start else { return }
    try ProblemError.validate(start: start, rows: source.count, columns: target.count)
    plan = start
  }

  /// Replaces the plan by an optimal one for a cost and returns the decrease of the objective.
  ///
  /// Without entropy, the current plan is kept if the optimal one is cheaper by no more than `margin`.
  mutating func answer(_ cost: TableCost, keepingWithin margin: Double) throws(ProblemError) -> Double {
    var matrix = cost.matrix
    if let linear { matrix.add(linear) }
    let before = entries.map { paid($0, matrix) } ?? dot(matrix.elements, plan.elements)
    let penaltyBefore = penalty
    if let workspace {
      let inner = workspace.iterate(matrix, stopping: stopping)
      _ = workspace.writePlan(&plan)
      isSettled =
        inner.status.isConverged
        || Coupling(plan: plan, source: source, target: target).meetsMarginals(stopping.tolerance)
      potentials = workspace.potentials(matrix)
      try ProblemError.validate(plan: plan)
      movable = dot(matrix.elements, plan.elements)
      penalty = epsilon * workspace.relativeEntropy(of: plan, cost: matrix)
    } else {
      let solution = try NetworkSimplex().solve(
        LinearProblem(cost: matrix, source: source, target: target), start: basis)
      basis = solution.basis
      isSettled = solution.status.isConverged
      potentials = solution.potentials
      let isKept = entries != nil && before - solution.value <= margin
      if !isKept { entries = solution.entries.filter(isMoreThanRounding) }
      movable = entries.map { paid($0, matrix) } ?? 0
    }
    potentials.source = zip(potentials.source, cost.rowTerms).map { $0 + $1 }
    potentials.target = zip(potentials.target, cost.columnTerms).map { $0 + $1 }
    value = movable + paid(cost.rowTerms, cost.columnTerms)
    if let linear { linearCost = entries.map { paid($0, linear) } ?? dot(linear.elements, plan.elements) }
    return before - movable + penaltyBefore - penalty
  }

  /// Whether an entry is more than a rounding remainder of the network simplex.
  ///
  /// Its masses are integer multiples of 2⁻⁶⁰. Remainders of other weights may be placed where they cost 10¹² times
  /// as much as the rest of the plan; they are below rounding error in both marginals.
  private func isMoreThanRounding(_ entry: PlanEntry) -> Bool {
    entry.mass
      > min(Double(source.count + target.count) * 0x1p-60 * mass, 1e-12 * min(source[entry.row], target[entry.column]))
  }

  /// Returns ⟨C, P⟩.
  private func paid(_ entries: [PlanEntry], _ cost: Matrix) -> Double {
    entries.reduce(0) { $0 + $1.mass * cost[$1.row, $1.column] }
  }

  /// Returns ⟨r ⊕ c, P⟩.
  private func paid(_ rows: [Double], _ columns: [Double]) -> Double {
    if let entries { return entries.reduce(0) { $0 + $1.mass * (rows[$1.row] + columns[$1.column]) } }
    return dot(rows, plan.rowSums) + dot(columns, plan.columnSums)
  }

  /// Computes the cost that this side's plan induces on the other side.
  func refresh(_ cost: inout TableCost) {
    if let entries { cost.refresh(entries) } else { cost.refresh(plan) }
  }
}

import LinearAlgebra

/// CO-optimal transport (Redko, Vayer, Flamary, Courty 2020, arXiv:2002.03731) and its entropic form:
///
///     min  Σ (X_ik − Y_jl)² P_ij Q_kl + ⟨L, P⟩ + ⟨M, Q⟩ + ε_s KL(P | a⊗b) + ε_f KL(Q | c⊗d)   over couplings P of a, b and Q of c, d.
///
/// Algorithm: alternating minimisation; for fixed Q the cost of P is linear, (q(X) Q1) ⊕ (q(Y) Qᵀ1) − 2 X Q Yᵀ, and the other way round
/// (`TableCost` forms it so that offsets of tables, rows or columns take no digits from it). Where ε is 0 the linear problem is solved by the network
/// simplex from the basis of the step before, else by `Sinkhorn` from the previous potentials.
///
/// The objective never rises. The problem is bi-convex, not convex: the limit depends on the start, which is the product of weights for Q
/// unless given; where rows have all one mean it says nothing, and `AnchoredStarts` finds better ones. The residual is how much the objective
/// fell over both half steps, as a fraction of its first value and the residuals' squares. With ε = 0 the plans are vertices, the iteration ends
/// after finitely many steps, and a P that is still optimal for the last Q is kept: `converged` then says that each plan is optimal for the other.
///
/// Time an iteration: two products of n×d×e and n×e×m numbers and two linear problems; memory 3(nd + me) + 4nm + 4de. The value that is reported is
/// a sum of terms that are not negative: O((n + m)(d + e)) where ε is 0, else O(nmd + mde).
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
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` when a parameter makes no sense, the problem is not balanced, the start does not fit, or ε is so far below the data's
  ///   squares that a plan leaves the range of numbers.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try stopping.validate()
    try innerStopping.validate()
    try problem.relaxation.requireBalanced()
    var samples = try BalancedSide(problem.samples, linear: problem.linear.samples, epsilon: sampleEpsilon, stopping: innerStopping)
    var features = try BalancedSide(problem.features, linear: problem.linear.features, epsilon: featureEpsilon, stopping: innerStopping)
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
    let status = samples.coupling.confirming(features.coupling.confirming(run.status, tolerance: tolerance), tolerance: tolerance)
    let transport = problem.transportCost(samples: samples.coupling, features: features.coupling)
    let linear = problem.linearCosts(samples: samples.coupling, features: features.coupling)
    let total = transport + linear.samples + linear.features
    return CoOptimalSolution(
      samples: samples.coupling, features: features.coupling, value: total, transportCost: transport, linearCosts: linear,
      regularizedValue: total + samples.penalty + features.penalty,
      samplePotentials: samples.potentials, featurePotentials: features.potentials, status: status, iterations: run.iterations,
      trace: run.trace)
  }
}

/// The plan of one of the two sides between fixed marginals, and the linear solver that answers a cost.
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
  /// The plan as entries, where it is a vertex; the matrix is not kept up to date then.
  private var entries: [PlanEntry]?
  /// Of the last answer, by `linear`.
  private(set) var linearCost = 0.0
  /// ⟨C, P⟩ of the last cost answered, `linear` included.
  private(set) var value = 0.0
  /// The same without the terms of rows and columns, which no plan changes.
  private(set) var movable = 0.0
  private(set) var isSettled = true
  /// ε KL(P | a⊗b).
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
    entries.map { Coupling(entries: $0, source: source, target: target) } ?? Coupling(plan: plan, source: source, target: target)
  }

  mutating func begin(_ start: Matrix?) throws(ProblemError) {
    guard let start else { return }
    try ProblemError.validate(start: start, rows: source.count, columns: target.count)
    plan = start
  }

  /// The best plan for a cost, or, without entropy, the plan at hand where the best is no cheaper than by `margin`; returns by how much the
  /// objective falls.
  mutating func answer(_ cost: TableCost, keepingWithin margin: Double) throws(ProblemError) -> Double {
    var matrix = cost.matrix
    if let linear { matrix.add(linear) }
    let before = entries.map { paid($0, matrix) } ?? dot(matrix.elements, plan.elements)
    let penaltyBefore = penalty
    if let workspace {
      let inner = workspace.iterate(matrix, stopping: stopping)
      _ = workspace.writePlan(&plan)
      isSettled = inner.status.isConverged || Coupling(plan: plan, source: source, target: target).meetsMarginals(stopping.tolerance)
      potentials = workspace.potentials(matrix)
      try ProblemError.validate(plan: plan)
      movable = dot(matrix.elements, plan.elements)
      penalty = epsilon * workspace.relativeEntropy(of: plan, cost: matrix)
    } else {
      let solution = try NetworkSimplex().solve(LinearProblem(cost: matrix, source: source, target: target), start: basis)
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

  /// Masses of the network simplex are whole multiples of 2⁻⁶⁰. What is left over of weights that are none lies where it may cost 10¹² times as much
  /// as the rest of the plan, and is less than rounding in the sums of both its row and its column.
  private func isMoreThanRounding(_ entry: PlanEntry) -> Bool {
    entry.mass > min(Double(source.count + target.count) * 0x1p-60 * mass, 1e-12 * min(source[entry.row], target[entry.column]))
  }

  /// ⟨C, P⟩.
  private func paid(_ entries: [PlanEntry], _ cost: Matrix) -> Double {
    entries.reduce(0) { $0 + $1.mass * cost[$1.row, $1.column] }
  }

  /// ⟨r ⊕ c, P⟩.
  private func paid(_ rows: [Double], _ columns: [Double]) -> Double {
    if let entries { return entries.reduce(0) { $0 + $1.mass * (rows[$1.row] + columns[$1.column]) } }
    return dot(rows, plan.rowSums) + dot(columns, plan.columnSums)
  }

  /// Computes the cost that this side's plan induces on the other.
  func refresh(_ cost: inout TableCost) {
    if let entries { cost.refresh(entries) } else { cost.refresh(plan) }
  }
}

import LinearAlgebra

/// Unbalanced CO-optimal transport between two data tables, with KL penalties on the marginals.
///
/// Over plans P between samples and Q between features it solves
///
///     min  Σ (X_ik − Y_jl)² P_ij Q_kl + ρ1 KL(P1⊗Q1 | a⊗c) + ρ2 KL(P2⊗Q2 | b⊗d) + ε KL(P⊗Q | (a⊗b)⊗(c⊗d))
///
/// where P1, P2, Q1, and Q2 are the marginals (Tran, Janati, Courty, Flamary, Redko, Demetci, and Singh, 2023,
/// arXiv:2205.14923). The algorithm is alternating minimization: for fixed Q this is unbalanced linear transport in
/// P, solved by `Sinkhorn`, and vice versa. Masses are equalized after each half step, which leaves the objective
/// unchanged. With symmetric X and Y and the same plan on both sides it is `UnbalancedGromovWasserstein`.
///
/// The objective never increases, up to the accuracy of inner solves, and the limit depends on the start. The
/// residual is the L1 change of both plans as a fraction of their masses. If the mass tends to zero, the status is
/// `stalled` and the last plans with mass are returned. The result is never NaN.
public struct UnbalancedCoOptimalTransport: Sendable {
  /// The regularization ε > 0, in units of squared data.
  public var epsilon: Double
  /// The tolerance on the relative L1 change of both plans and the iteration limit.
  public var stopping: StoppingRule
  /// The stopping rule of inner Sinkhorn solves.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of squared data.
  ///   - stopping: the tolerance on the relative L1 change of both plans and the iteration limit.
  ///   - innerStopping: the stopping rule of inner Sinkhorn solves.
  public init(
    epsilon: Double, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-10, iterationLimit: 3000)
  ) {
    self.epsilon = epsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: a problem with finite or infinite penalty weights.
  ///   - start: the initial plan between features, d×e; the product of their weights if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: both plans and the objective.
  /// - Throws: `ProblemError` if a parameter is out of range or the start does not fit.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    try innerStopping.validate()
    let first = start ?? CoOptimalProblem.productPlan(problem.features)
    try ProblemError.validate(start: first, rows: problem.source.columns, columns: problem.target.columns)
    func side(_ weights: (source: [Double], target: [Double])) -> BiconvexSide {
      BiconvexSide(
        source: weights.source, target: weights.target, epsilon: epsilon, relaxation: problem.relaxation, stopping: innerStopping)
    }
    let (sampleSide, featureSide) = (side(problem.samples), side(problem.features))
    var samples = RelaxedPlan(CoOptimalProblem.productPlan(problem.samples), problem.samples.source, problem.samples.target)
    var features = RelaxedPlan(first, problem.features.source, problem.features.target)
    var sampleCost = TableCost(problem.source, problem.target, rows: problem.samples, columns: problem.features)
    var featureCost = TableCost(
      problem.source.transposed, problem.target.transposed, rows: problem.features, columns: problem.samples)
    let isMassFree = problem.relaxation.leavesMassFree
    let empty = StepOutcome.stalled(reason: "the mass of the best plan underflows; ρ is too small for these data")

    /// The objective F(P, Q) without and with entropy, from the transport cost.
    func values(_ transport: Double) -> (value: Double, regularized: Double) {
      let penalties = featureSide.penalties(features, samples, otherSide: sampleSide)
      let value = transport + penalties.marginals
      return (value, value + penalties.entropy)
    }

    let run = iterate(stopping, monitor: monitor) { _ in
      sampleCost.refresh(features.plan)
      guard var nextSamples = sampleSide.answer(sampleSide.cost(features, quadratic: sampleCost.full)) else { return empty }
      if isMassFree { nextSamples.scale(by: (features.mass / nextSamples.mass).squareRoot()) }
      featureCost.refresh(nextSamples.plan)
      let cost = featureCost.full
      guard var nextFeatures = featureSide.answer(featureSide.cost(nextSamples, quadratic: cost)) else { return empty }
      if isMassFree { nextFeatures.scale(by: (nextSamples.mass / nextFeatures.mass).squareRoot()) }
      let change = nextSamples.change(from: samples) + nextFeatures.change(from: features)
      (samples, features) = (nextSamples, nextFeatures)
      return .advanced(
        residual: change, objective: values(dot(cost.elements, features.plan.elements)).regularized,
        isSettled: sampleSide.isSettled && featureSide.isSettled)
    }
    let couplings = (
      Coupling(plan: samples.plan, source: problem.samples.source, target: problem.samples.target),
      Coupling(plan: features.plan, source: problem.features.source, target: problem.features.target)
    )
    let final = values(problem.transportCost(samples: couplings.0, features: couplings.1))
    return CoOptimalSolution(
      samples: couplings.0, features: couplings.1,
      value: final.value, regularizedValue: final.regularized, samplePotentials: sampleSide.potentials,
      featurePotentials: featureSide.potentials, status: run.status, iterations: run.iterations, trace: run.trace)
  }
}

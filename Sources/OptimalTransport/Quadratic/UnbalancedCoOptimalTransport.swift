import LinearAlgebra

/// What the marginals of a product of two plans pay for departing from the products of their weights, per unit ρ.
public enum ProductPenalty: String, Sendable, CaseIterable {
  /// KL(P1⊗Q1 | a⊗c), with its mass terms.
  case kl
  /// ½ ‖P1⊗Q1 − a⊗c‖²; without entropy alone.
  case l2

  var marginal: MarginalPenalty { self == .kl ? .kl : .l2 }

  /// Checks that the penalty goes with an entropy of weight ε.
  func validate(epsilon: Double) throws(ProblemError) {
    if epsilon != 0 { try ProblemError.validate(positive: epsilon, named: "ε") }
    if self == .l2, epsilon > 0 {
      throw .parameter(name: "ε beside the penalty l2", found: "\(epsilon)", expected: "0, no entropy")
    }
  }
}

/// Unbalanced CO-optimal transport between two data tables, by alternating minimization.
///
/// Over plans P between samples and Q between features it solves (Tran, Janati, Courty, Flamary, Redko, Demetci, and
/// Singh, 2023, arXiv:2205.14923)
///
///     min  Σ (X_ik − Y_jl)² P_ij Q_kl + ⟨L, P⟩ + ⟨M, Q⟩
///          + ρ1 D(P1⊗Q1 | a⊗c) + ρ2 D(P2⊗Q2 | b⊗d) + ε KL(P⊗Q | (a⊗b)⊗(c⊗d)),
///
/// with D the KL or ½‖·‖² of a `ProductPenalty`, and with ε KL(P | a⊗b) + ε_f KL(Q | c⊗d) in the entropy's place where
/// `featureEpsilon` is set.
///
/// For fixed Q this is unbalanced linear transport in P, solved by `Sinkhorn`, and
/// the other way round. Without entropy it is solved as by `UnbalancedTransport`, from the pairs of the step before, so
/// that each plan is the other's best within a certified gap. Masses are made equal after each half step where that
/// leaves the objective as it is: without linear terms and with the one entropy. With symmetric X and Y and the same
/// plan on both sides it is `UnbalancedGromovWasserstein`.
///
/// Where P and Q can trade mass (both ρ finite, the one entropy) linear terms must be given for both and not be
/// negative: else trading on lowers the objective for ever.
///
/// The objective never rises (as far as inner solves are exact); the limit depends on the start. The residual is the
/// change of both plans in L1 as a fraction of their masses; `converged` asks that both inner solves met their
/// tolerance as well. When the mass falls to zero the status is `stalled` and the last plans with mass are returned.
public struct UnbalancedCoOptimalTransport: Sendable {
  /// ε ≥ 0, in units of squared data; 0 takes no entropy.
  public var epsilon: Double
  /// When set, entropies are apart: ε is that of P alone, and this one, not negative, that of Q.
  public var featureEpsilon: Double?
  /// The penalty of the marginals of P⊗Q.
  public var penalty: ProductPenalty
  /// The tolerance on the relative L1 change of both plans and the iteration limit.
  public var stopping: StoppingRule
  /// The stopping rule of inner Sinkhorn solves.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε ≥ 0, in units of squared data; 0 takes no entropy.
  ///   - featureEpsilon: the regularization of Q alone; if nil, one entropy of P⊗Q.
  ///   - penalty: the penalty of the marginals of P⊗Q.
  ///   - stopping: the tolerance on the relative L1 change of both plans and the iteration limit.
  ///   - innerStopping: the stopping rule of inner Sinkhorn solves.
  public init(
    epsilon: Double, featureEpsilon: Double? = nil, penalty: ProductPenalty = .kl,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-10, iterationLimit: 3000)
  ) {
    self.epsilon = epsilon
    self.featureEpsilon = featureEpsilon
    self.penalty = penalty
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from one start.
  ///
  /// - Throws: `ProblemError` when a parameter makes no sense or the start does not fit; without entropy, when plans
  ///   leave the range of numbers.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    for epsilon in [epsilon, featureEpsilon ?? 0] { try penalty.validate(epsilon: epsilon) }
    try stopping.validate()
    try innerStopping.validate()
    try requireLeast(problem)
    let first = start ?? CoOptimalProblem.productPlan(problem.features)
    try ProblemError.validate(start: first, rows: problem.source.columns, columns: problem.target.columns)
    func side(_ weights: (source: [Double], target: [Double]), _ epsilon: Double) -> BiconvexSide {
      BiconvexSide(
        source: weights.source, target: weights.target, epsilon: epsilon, relaxation: problem.relaxation,
        stopping: innerStopping,
        penalty: penalty.marginal, isJoint: featureEpsilon == nil)
    }
    let (sampleSide, featureSide) = (side(problem.samples, epsilon), side(problem.features, featureEpsilon ?? epsilon))
    var samples = RelaxedPlan(
      CoOptimalProblem.productPlan(problem.samples), problem.samples.source, problem.samples.target)
    var features = RelaxedPlan(first, problem.features.source, problem.features.target)
    var sampleCost = TableCost(problem.source, problem.target, rows: problem.samples, columns: problem.features)
    var featureCost = TableCost(
      problem.source.transposed, problem.target.transposed, rows: problem.features, columns: problem.samples)
    // Whether P and Q can trade mass for nothing.
    let isMassFree = problem.relaxation.leavesMassFree && !problem.hasLinearTerms && featureEpsilon == nil
    let empty = StepOutcome.stalled(
      reason: "the best plan has no mass that a number can hold; ρ is too small for such data")

    func with(_ linear: Matrix?, _ cost: Matrix) -> Matrix {
      guard let linear else { return cost }
      var sum = cost
      sum.add(linear)
      return sum
    }

    /// F(P, Q) without and with entropy, of the transport's cost, linear terms included, and the penalties.
    func values(_ transport: Double) -> (value: Double, regularized: Double) {
      let penalties = featureSide.penalties(features, samples, otherSide: sampleSide)
      let value = transport + penalties.marginals
      return (value, value + penalties.entropy)
    }

    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      sampleCost.refresh(features.plan)
      let cost = with(problem.linear.samples, sampleCost.full)
      guard var nextSamples = try sampleSide.answer(sampleSide.cost(features, quadratic: cost, of: problem.features))
      else { return empty }
      if isMassFree { nextSamples.scale(by: (features.mass / nextSamples.mass).squareRoot()) }
      featureCost.refresh(nextSamples.plan)
      let back = with(problem.linear.features, featureCost.full)
      guard
        var nextFeatures = try featureSide.answer(featureSide.cost(nextSamples, quadratic: back, of: problem.samples))
      else {
        return empty
      }
      if isMassFree { nextFeatures.scale(by: (nextSamples.mass / nextFeatures.mass).squareRoot()) }
      let change = nextSamples.change(from: samples) + nextFeatures.change(from: features)
      (samples, features) = (nextSamples, nextFeatures)
      var transport = dot(back.elements, features.plan.elements)
      if let linear = problem.linear.samples { transport += dot(linear.elements, samples.plan.elements) }
      return .advanced(
        residual: change, objective: values(transport).regularized,
        isSettled: sampleSide.isSettled && featureSide.isSettled)
    }
    let couplings = (
      Coupling(plan: samples.plan, source: problem.samples.source, target: problem.samples.target),
      Coupling(plan: features.plan, source: problem.features.source, target: problem.features.target)
    )
    let transport = problem.transportCost(samples: couplings.0, features: couplings.1)
    let linear = problem.linearCosts(samples: couplings.0, features: couplings.1)
    let final = values(transport + linear.samples + linear.features)
    return CoOptimalSolution(
      samples: couplings.0, features: couplings.1,
      value: final.value, transportCost: transport, linearCosts: linear, regularizedValue: final.regularized,
      samplePotentials: sampleSide.potentials,
      featurePotentials: featureSide.potentials, status: run.status, iterations: run.iterations, trace: run.trace)
  }

  /// With s P and Q/s in place of P and Q only linear terms change: to s ⟨L, P⟩ + ⟨M, Q⟩/s, which has its least value
  /// for no s unless both are positive.
  private func requireLeast(_ problem: CoOptimalProblem) throws(ProblemError) {
    guard problem.hasLinearTerms, problem.relaxation.leavesMassFree, featureEpsilon == nil else { return }
    let terms = [problem.linear.samples, problem.linear.features].map { $0?.elements.min() ?? -1 }
    if terms.contains(where: { $0 < 0 }) {
      throw .parameter(
        name: "a linear term of plans that trade mass", found: "absent or somewhere negative",
        expected: "one of each plan, not negative, or an entropy for each plan")
    }
  }
}

import LinearAlgebra

/// Entropic multi-marginal transport on a tree, with prescribed, relaxed, or free marginals.
///
/// `MultiMarginalProblem` states the objective. The algorithm is Sinkhorn scaling by messages along the tree, in the
/// order of an Euler tour (Haasler, Singh, Zhang, Karlsson, and Chen, 2021, arXiv:2004.06909; unbalanced: Beier, von
/// Lindheim, Neumayer, and Steidl, 2022, arXiv:2103.10854). Only edge and node marginals of π are formed: time and
/// memory are those of the edges' matrices, and the full tensor is never built. A path between two marginals whose
/// inner nodes are free is composed into one matrix if that is smaller.
///
/// The problem is strictly convex if some marginal is prescribed or relaxed; the iteration then converges linearly to
/// its unique solution from any start, more slowly the smaller ε is relative to the costs. The residual is max_i ‖π_i
/// − μ_i exp(−φ_i/ρ_i)‖₁ as a fraction of the mass, before each update; on a composed path it is that of its two
/// ends. The result is never NaN, and points of weight zero receive no mass.
public struct TreeSinkhorn: Sendable {
  /// The form in which messages are computed; both forms have the same fixed point.
  public enum Form: String, Sendable, CaseIterable {
    /// Matrix–vector products with absorbed or composed kernels; the faster form.
    case absorbed
    /// Log-sum-exp with the largest term factored out and one exponential per entry and message; slower.
    case logarithmic
  }

  /// The regularization ε > 0, in units of the cost.
  public var epsilon: Double
  /// The form in which messages are computed.
  public var form: Form
  /// The tolerance on the relative marginal residual and the iteration limit.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of the cost.
  ///   - form: the form in which messages are computed.
  ///   - stopping: the tolerance on the relative marginal residual and the iteration limit.
  public init(
    epsilon: Double, form: Form = .absorbed,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.form = form
    self.stopping = stopping
  }

  /// Solves the problem in double precision.
  ///
  /// - Parameters:
  ///   - problem: the tree, its costs, and its marginals.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the edge plans, node marginals, and objective.
  /// - Throws: `ProblemError.parameter` if ε is not positive or below 1e-150 of the largest cost, the stopping rule
  ///   is invalid, or the plan overflows.
  public func solve(_ problem: MultiMarginalProblem, monitor: Monitor? = nil) throws(ProblemError) -> TreeSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    let largest = problem.costs.flatMap(\.elements).reduce(0) { max($0, abs($1)) }
    if largest / epsilon > largestCost {
      throw .parameter(name: "ε", found: "\(epsilon)", expected: "at least 1e-150 of the largest cost (\(largest))")
    }
    let messages = TreeMessages<Double>(
      topology: problem.topology, marginals: problem.marginals, reference: problem.reference,
      costs: problem.costs.map { EdgeMatrix($0) }, epsilon: epsilon)
    messages.pose(epsilon: epsilon, relaxationScale: 1, constant: 0)
    let scaling = TreeScaling(messages, form: form)
    let run = scaling.solve(stopping, monitor: monitor)
    let solution = TreeSolution(messages, run: run, tolerance: stopping.tolerance)
    // Costs of this many ε have rounding errors that overflow in the exponential.
    guard solution.value.isFinite, solution.mass.isFinite,
      solution.edgePlans.allSatisfy({ $0.elements.allSatisfy(\.isFinite) })
    else {
      throw .parameter(
        name: "ε", found: "\(epsilon)",
        expected: "a larger fraction of the largest cost (\(largest)), because the plan overflows")
    }
    return solution
  }
}

/// The solver of the linear problems that a `TreeMessages` represents, warm-started from its current potentials.
final class TreeScaling<Scalar: TreeScalar> {
  let messages: TreeMessages<Scalar>
  private let form: TreeSinkhorn.Form
  private let path: ComposedPath<Scalar>?
  private let root: Int

  init(_ messages: TreeMessages<Scalar>, form: TreeSinkhorn.Form) {
    self.messages = messages
    self.form = form
    path = form == .absorbed ? ComposedPath(messages) : nil
    // The node of the highest degree: from the center of a star each leaf is visited once.
    root = (0..<messages.topology.nodeCount).max { messages.topology.degree($0) < messages.topology.degree($1) } ?? 0
  }

  /// The residual above which absorbing kernels is not yet worthwhile.
  private static var absorptionThreshold: Double { 0.5 }

  func solve(_ rule: StoppingRule, monitor: Monitor? = nil) -> Run {
    guard let path else { return sweep(rule, monitor: monitor) }
    let run = path.solve(rule, monitor: monitor)
    guard !run.status.isConverged, run.status != .interrupted, run.iterations < rule.iterationLimit else { return run }
    // The potentials kept moving out of the range of composed kernels.
    var rest = rule
    rest.iterationLimit -= run.iterations
    let more = sweep(rest, monitor: monitor)
    return Run(
      more.status, iterations: run.iterations + more.iterations,
      trace: Trace.joined(run.trace, more.trace.counted(from: run.iterations)))
  }

  private func sweep(_ rule: StoppingRule, monitor: Monitor?) -> Run {
    messages.gather(root: root)
    var needsExactSweep = true
    let run = iterate(rule, monitor: monitor) { _ in
      let exactly = form == .logarithmic || needsExactSweep
      let residual = messages.sweep(exactly: exactly, root: root)
      needsExactSweep = residual > Self.absorptionThreshold
      if form == .absorbed, !needsExactSweep, messages.needsAbsorption { messages.absorb() }
      return .advanced(residual: residual)
    }
    // The last updates have not reached all messages yet.
    messages.gather(root: root)
    messages.distribute(root: root)
    return run
  }
}

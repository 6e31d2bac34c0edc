import LinearAlgebra

/// Entropic multi-marginal transport on a tree, every marginal prescribed, relaxed or free (`MultiMarginalProblem` states the objective).
///
/// Algorithm: Sinkhorn's scaling by messages along the tree (Haasler, Singh, Zhang, Karlsson, Chen 2021, arXiv:2004.06909; unbalanced:
/// Beier, von Lindheim, Neumayer, Steidl 2022, arXiv:2103.10854), in the order of an Euler tour. Only edge and node marginals of π are ever
/// formed: time and memory are those of the edges' matrices, an exponential tensor is never built. A path between two marginals whose inner
/// nodes are free is composed into one matrix where that is smaller.
///
/// The problem is strictly convex where a marginal is prescribed or relaxed; the iteration tends to its one solution from any start, linearly,
/// the slower the smaller ε is against the costs. The residual is max_i ‖π_i − μ_i exp(−φ_i/ρ_i)‖₁ as a fraction of the mass, before each update;
/// a short one between two passes of a composed path. Never NaN; points of weight zero get no mass.
public struct TreeSinkhorn: Sendable {
  /// How messages are formed. Both have the same fixed point.
  public enum Form: String, Sendable, CaseIterable {
    /// By matrix–vector products with absorbed kernels, or composed ones. The fast form.
    case absorbed
    /// By log-sum-exp with the largest term taken out, one exponential an element and message. The careful form.
    case logarithmic
  }

  /// ε > 0, in units of the cost.
  public var epsilon: Double
  public var form: Form
  public var stopping: StoppingRule

  public init(
    epsilon: Double, form: Form = .absorbed, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.form = form
    self.stopping = stopping
  }

  /// Solves the problem in double precision.
  ///
  /// - Throws: `ProblemError.parameter` when ε is not positive or below 1e-150 of the largest cost, when the stopping rule makes no
  ///   sense, or when the plan leaves the range of numbers.
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
    // Costs of so many ε round to more than an exponential can hold.
    guard solution.value.isFinite, solution.mass.isFinite, solution.edgePlans.allSatisfy({ $0.elements.allSatisfy(\.isFinite) }) else {
      throw .parameter(
        name: "ε", found: "\(epsilon)", expected: "more of the largest cost (\(largest)), since the plan leaves the range of numbers")
    }
    return solution
  }
}

/// Solves the linear problems that a `TreeMessages` is posed, from its present potentials.
final class TreeScaling<Scalar: TreeScalar> {
  let messages: TreeMessages<Scalar>
  private let form: TreeSinkhorn.Form
  private let path: ComposedPath<Scalar>?
  private let root: Int

  init(_ messages: TreeMessages<Scalar>, form: TreeSinkhorn.Form) {
    self.messages = messages
    self.form = form
    path = form == .absorbed ? ComposedPath(messages) : nil
    // The node with the most edges: from a star's centre each leaf is toured once.
    root = (0..<messages.topology.nodeCount).max { messages.topology.degree($0) < messages.topology.degree($1) } ?? 0
  }

  /// Above this residual the kernels are not worth absorbing yet.
  private static var wild: Double { 0.5 }

  func solve(_ rule: StoppingRule, monitor: Monitor? = nil) -> Run {
    guard let path else { return sweep(rule, monitor: monitor) }
    let run = path.solve(rule, monitor: monitor)
    guard !run.status.isConverged, run.status != .interrupted, run.iterations < rule.iterationLimit else { return run }
    // Potentials moved on and on beyond what composed kernels could carry.
    var rest = rule
    rest.iterationLimit -= run.iterations
    let more = sweep(rest, monitor: monitor)
    return Run(
      more.status, iterations: run.iterations + more.iterations,
      trace: Trace.joined(run.trace, more.trace.counted(from: run.iterations)))
  }

  private func sweep(_ rule: StoppingRule, monitor: Monitor?) -> Run {
    messages.gather(root: root)
    var isWild = true
    let run = iterate(rule, monitor: monitor) { _ in
      let exactly = form == .logarithmic || isWild
      let residual = messages.sweep(exactly: exactly, root: root)
      isWild = residual > Self.wild
      if form == .absorbed, !isWild, messages.needsAbsorption { messages.absorb() }
      return .advanced(residual: residual)
    }
    // The last updates have not reached all messages yet.
    messages.gather(root: root)
    messages.distribute(root: root)
    return run
  }
}

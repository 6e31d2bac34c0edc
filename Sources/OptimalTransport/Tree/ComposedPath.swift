import LinearAlgebra

/// A tree that is a path with free inner nodes, reduced to a problem between its two ends.
///
/// The composed kernel is M = K_1 diag(r) K_2 diag(r) … K_k. It is formed once, as one n_0 × n_k matrix, and then
/// iterated on with all methods for two marginals: single precision, momentum, and the translation of relaxed
/// potentials.
///
/// Entries are formed relative to the current plan: after absorbing u, K_1 has the row sums π_0, and the other
/// factors are row-stochastic. Paths through points without mass are omitted, so that M is valid only near the
/// current potentials. If an end has only a few points, the logarithms of M are computed exactly instead and are
/// valid everywhere.
final class ComposedPath<Scalar: TreeScalar> {
  private let messages: TreeMessages<Scalar>
  private let nodes: [Int]
  private let edges: [Int]
  private let workspace: ScalingWorkspace
  private var cost: Matrix
  private let composed: EdgeMatrix<Scalar>
  private let buffers = TransitionBuffers<Scalar>()

  /// Creates the path; nil if the tree is not such a path, or the composed kernel would be larger than those of the
  /// edges.
  init?(_ messages: TreeMessages<Scalar>) {
    let topology = messages.topology
    guard let nodes = topology.path, let first = nodes.first, let last = nodes.last, nodes.count > 2 else { return nil }
    let marginals = messages.marginals
    guard nodes.dropFirst().dropLast().allSatisfy({ marginals[$0].isFree }), !marginals[first].isFree,
      !marginals[last].isFree
    else {
      return nil
    }
    let size = marginals[first].count * marginals[last].count
    guard size <= messages.costs.reduce(0, { $0 + $1.count }) else { return nil }
    self.messages = messages
    self.nodes = nodes
    edges = zip(nodes, nodes.dropFirst()).compactMap { pair in
      topology.links[pair.0].first { $0.neighbor == pair.1 }?.edge
    }
    workspace = ScalingWorkspace(
      source: marginals[first].weights ?? [], target: marginals[last].weights ?? [], epsilon: messages.epsilon,
      relaxation: MarginalRelaxation(source: marginals[first].relaxation, target: marginals[last].relaxation))
    cost = Matrix(rows: marginals[first].count, columns: marginals[last].count)
    composed = EdgeMatrix(rows: cost.rows, columns: cost.columns)
  }

  /// The number of points of an end up to which exact messages from each of them are cheaper than approximate
  /// kernels.
  private static var handful: Int { 16 }

  /// The largest number of compositions after the potentials have moved out of the range of the kernel.
  ///
  /// A kernel does not contain paths through points that had no mass when it was composed.
  private static var attempts: Int { 8 }

  /// Solves the problem from the current potentials, and leaves the best potentials and all messages in `messages`.
  func solve(_ rule: StoppingRule, monitor: Monitor? = nil) -> Run {
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    workspace.set(
      epsilon: epsilon,
      relaxation: MarginalRelaxation(source: messages.relaxations[first], target: messages.relaxations[last]))
    // The residual of the composed solution on the tree, given its tolerance and the rounding of costs.
    func isAcceptable(_ residual: Double) -> Bool {
      residual <= 10 * rule.tolerance || residual <= 4 * Scalar.roundoff * messages.costRange / epsilon
    }
    var (iterations, trace) = (0, Trace())
    for _ in 0..<Self.attempts {
      // After an abrupt change of the costs, exact sweeps come first.
      messages.gather(root: first)
      var violation = messages.update(first)
      for _ in 0..<20 where violation > 0.5 * messages.mass && iterations < rule.iterationLimit {
        violation = messages.sweep(exactly: true, root: first) * messages.mass
        _ = messages.update(first)
        iterations += 1
      }
      compose()
      var inner = rule
      inner.iterationLimit = max(1, rule.iterationLimit - iterations)
      let run = workspace.iterate(cost, stopping: inner, monitor: monitor)
      let answer = workspace.potentials(cost)
      adopt(answer.source, first)
      adopt(answer.target, last)
      iterations += run.iterations
      messages.gather(root: nodes[1])
      messages.distribute(root: nodes[1])
      trace = run.trace
      let residual = max(messages.residual(leaf: first), messages.residual(leaf: last))
      if run.status == .interrupted || isAcceptable(residual) {
        return Run(run.status, iterations: iterations, trace: trace)
      }
      if iterations >= rule.iterationLimit { break }
    }
    return Run(.iterationLimit, iterations: iterations, trace: trace)
  }

  private func adopt(_ potential: [Double], _ node: Int) {
    let weights = messages.logWeight(node)
    messages.potentials[node] = potential.indices.map { weights[$0] > -.infinity ? potential[$0] : -.infinity }
  }

  /// Computes the cost between the ends by exact messages from each point of the smaller end.
  private func composeExactly() {
    let isForward = cost.rows <= cost.columns
    let (path, ways) = isForward ? (nodes, edges) : (nodes.reversed(), edges.reversed())
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    // The composed plan is relative to the weights of its ends, and the tree's plan to their references.
    let x = zip(messages.logWeight(first), messages.logReference(first)).map { epsilon * ($0 - $1) }
    let y = zip(messages.logWeight(last), messages.logReference(last)).map { epsilon * ($0 - $1) }
    for point in 0..<(isForward ? cost.rows : cost.columns) {
      let costs = messages.pathCosts(from: point, nodes: path, edges: ways)
      for (other, value) in costs.enumerated() {
        let (i, j) = isForward ? (point, other) : (other, point)
        if x[i] > -.infinity, y[j] > -.infinity { cost[i, j] = value + x[i] + y[j] + messages.constant }
      }
    }
    load()
  }

  /// Copies the current potentials to the workspace.
  private func load() {
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let (a, b) = (messages.logWeight(first), messages.logWeight(last))
    workspace.load(
      a.indices.map { messages.potentials[first][$0] + messages.epsilon * a[$0] },
      b.indices.map { messages.potentials[last][$0] + messages.epsilon * b[$0] })
  }

  /// Forms M at the current messages, and the cost between the ends for which M is the plan at the current
  /// potentials.
  private func compose() {
    if min(cost.rows, cost.columns) <= Self.handful { return composeExactly() }
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    let rows = cost.rows
    // The ends enter completely, and the inner nodes with the points that carry mass.
    let points = nodes.indices.map { step in
      step == 0 || step == nodes.count - 1
        ? Array(0..<messages.marginals[nodes[step]].count) : messages.active(nodes[step])
    }
    var left: EdgeMatrix<Scalar>?
    for step in edges.indices {
      let out =
        step == edges.count - 1
        ? composed
        : EdgeMatrix<Scalar>(
          rows: rows, columns: points[step + 1].count, in: step.isMultiple(of: 2) ? buffers.even : buffers.odd)
      messages.transition(
        edges[step], from: nodes[step], rows: points[step], to: nodes[step + 1], columns: points[step + 1], after: left,
        buffers: buffers,
        into: out)
      left = out
    }
    let (a, b) = (messages.logWeight(first), messages.logWeight(last))
    let f = messages.potentials[first].indices.map { messages.potentials[first][$0] + epsilon * a[$0] }
    let g = messages.potentials[last].indices.map { messages.potentials[last][$0] + epsilon * b[$0] }
    load()
    // Entries below the range of single precision, in which the iteration runs, are replaced by its smallest normal
    // number.
    let (columns, least) = (cost.columns, Double(Float.leastNormalMagnitude))
    let entries = (0..<composed.count).map { max(Double(composed.elements[$0]), least) }
    let logs = logarithms(entries)
    cost.withUnsafeMutableElements { out in
      for i in 0..<rows where f[i] > -.infinity {
        for j in 0..<columns where g[j] > -.infinity {
          out[i * columns + j] = f[i] + g[j] - epsilon * logs[i * columns + j]
        }
      }
    }
  }
}

/// Buffers for products of transitions.
final class TransitionBuffers<Scalar: TreeScalar> {
  let cost = Scratch<Scalar>()
  let factor = Scratch<Scalar>()
  /// Buffers for products up to an even step and up to an odd step.
  let even = Scratch<Scalar>()
  let odd = Scratch<Scalar>()
}

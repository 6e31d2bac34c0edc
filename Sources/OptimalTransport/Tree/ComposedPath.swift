import LinearAlgebra

/// A tree that is a path whose inner nodes are all free: a multi-marginal problem between its two ends alone, with the kernel
/// M = K_1 diag(r) K_2 diag(r) … K_k. It is formed once and then iterated on as one matrix, n_0 × n_k, with everything that a problem of two
/// marginals has: single precision, momentum, the translation between relaxed potentials.
///
/// Entries are formed relative to the present plan: with u absorbed K_1 has the row sums π_0, the others are row-stochastic. Ways through points
/// without mass are left out, so that M serves near the present potentials only. Where an end has a handful of points, M's logarithms are formed
/// exactly instead, and serve everywhere.
final class ComposedPath<Scalar: TreeScalar> {
  private let messages: TreeMessages<Scalar>
  private let nodes: [Int]
  private let edges: [Int]
  private let workspace: ScalingWorkspace
  private var cost: Matrix
  private let composed: EdgeMatrix<Scalar>
  private let rooms = TransitionRooms<Scalar>()

  /// Nil when the tree is no such path, or the composed kernel would be larger than those of the edges.
  init?(_ messages: TreeMessages<Scalar>) {
    let topology = messages.topology
    guard let nodes = topology.path, let first = nodes.first, let last = nodes.last, nodes.count > 2 else { return nil }
    let marginals = messages.marginals
    guard nodes.dropFirst().dropLast().allSatisfy({ marginals[$0].isFree }), !marginals[first].isFree, !marginals[last].isFree else {
      return nil
    }
    let size = marginals[first].count * marginals[last].count
    guard size <= messages.costs.reduce(0, { $0 + $1.count }) else { return nil }
    self.messages = messages
    self.nodes = nodes
    edges = zip(nodes, nodes.dropFirst()).compactMap { pair in topology.links[pair.0].first { $0.neighbour == pair.1 }?.edge }
    workspace = ScalingWorkspace(
      source: marginals[first].weights ?? [], target: marginals[last].weights ?? [], epsilon: messages.epsilon,
      relaxation: MarginalRelaxation(source: marginals[first].relaxation, target: marginals[last].relaxation))
    cost = Matrix(rows: marginals[first].count, columns: marginals[last].count)
    composed = EdgeMatrix(rows: cost.rows, columns: cost.columns)
  }

  /// Points of an end up to which exact messages from each of them are cheaper than what may follow from an approximate kernel.
  private static var handful: Int { 16 }

  /// The largest number of times the kernel is composed anew because the potentials moved beyond what it could carry: it knows nothing of ways
  /// through points that had no mass when it was made.
  private static var attempts: Int { 8 }

  /// Solves the problem from the present potentials, leaving the best ones and all messages with `messages`.
  func solve(_ rule: StoppingRule, monitor: Monitor? = nil) -> Run {
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    workspace.set(
      epsilon: epsilon, relaxation: MarginalRelaxation(source: messages.relaxations[first], target: messages.relaxations[last]))
    // What the composed problem's solution leaves behind on the tree, by its tolerance and by the rounding of costs.
    func isAcceptable(_ residual: Double) -> Bool {
      residual <= 10 * rule.tolerance || residual <= 4 * Scalar.roundoff * messages.costRange / epsilon
    }
    var (iterations, trace) = (0, Trace())
    for _ in 0..<Self.attempts {
      // Where a change of cost was violent, exact sweeps come first.
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
      if run.status == .interrupted || isAcceptable(residual) { return Run(run.status, iterations: iterations, trace: trace) }
      if iterations >= rule.iterationLimit { break }
    }
    return Run(.iterationLimit, iterations: iterations, trace: trace)
  }

  private func adopt(_ potential: [Double], _ node: Int) {
    let weights = messages.logWeight(node)
    messages.potentials[node] = potential.indices.map { weights[$0] > -.infinity ? potential[$0] : -.infinity }
  }

  /// The cost between the ends, by exact messages from each point of the smaller one.
  private func composeExactly() {
    let isForward = cost.rows <= cost.columns
    let (path, ways) = isForward ? (nodes, edges) : (nodes.reversed(), edges.reversed())
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    // The composed problem's plan is relative to the weights of its ends, the tree's to their references.
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

  /// Hands the present potentials to the workspace.
  private func load() {
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let (a, b) = (messages.logWeight(first), messages.logWeight(last))
    workspace.load(
      a.indices.map { messages.potentials[first][$0] + messages.epsilon * a[$0] },
      b.indices.map { messages.potentials[last][$0] + messages.epsilon * b[$0] })
  }

  /// Forms M at the present messages and the cost between the ends that has it as its plan at the present potentials.
  private func compose() {
    if min(cost.rows, cost.columns) <= Self.handful { return composeExactly() }
    let (first, last) = (nodes[0], nodes[nodes.count - 1])
    let epsilon = messages.epsilon
    let rows = cost.rows
    // The ends take part whole; of the nodes between, those points that carry mass.
    let points = nodes.indices.map { step in
      step == 0 || step == nodes.count - 1 ? Array(0..<messages.marginals[nodes[step]].count) : messages.active(nodes[step])
    }
    var left: EdgeMatrix<Scalar>?
    for step in edges.indices {
      let out =
        step == edges.count - 1
        ? composed : EdgeMatrix<Scalar>(rows: rows, columns: points[step + 1].count, in: step.isMultiple(of: 2) ? rooms.even : rooms.odd)
      messages.transition(
        edges[step], from: nodes[step], rows: points[step], to: nodes[step + 1], columns: points[step + 1], after: left, rooms: rooms,
        into: out)
      left = out
    }
    let (a, b) = (messages.logWeight(first), messages.logWeight(last))
    let f = messages.potentials[first].indices.map { messages.potentials[first][$0] + epsilon * a[$0] }
    let g = messages.potentials[last].indices.map { messages.potentials[last][$0] + epsilon * b[$0] }
    load()
    // An entry below the range of single precision, in which it will be iterated on, has no more than the smallest number there.
    let (columns, least) = (cost.columns, Double(Float.leastNormalMagnitude))
    let entries = (0..<composed.count).map { max(Double(composed.elements[$0]), least) }
    let logs = logarithms(entries)
    cost.withUnsafeMutableElements { out in
      for i in 0..<rows where f[i] > -.infinity {
        for j in 0..<columns where g[j] > -.infinity { out[i * columns + j] = f[i] + g[j] - epsilon * logs[i * columns + j] }
      }
    }
  }
}

/// The memory that products of transitions are formed in.
final class TransitionRooms<Scalar: TreeScalar> {
  let cost = Scratch<Scalar>()
  let factor = Scratch<Scalar>()
  /// Products up to an even step, and up to an odd one.
  let even = Scratch<Scalar>()
  let odd = Scratch<Scalar>()
}

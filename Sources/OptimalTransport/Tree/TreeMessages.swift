import CKernels
import Glibc
import LinearAlgebra

/// The state of Sinkhorn's iteration on a tree: a potential φ_i = ε log u_i per node and two messages per edge, in
/// units of the cost.
///
/// They satisfy
///
///     h_{j→i}(x) = ε log Σ_y exp((in_{j→i}(y) − C_e(x, y))/ε),      in_{j→i} = ε log r_j + φ_j + Σ_{k ≠ i} h_{k→j},
///     π_i = exp((ε log r_i + φ_i + Σ_k h_{k→i} − k0)/ε),
///     π_e(x, y) = exp((in_{i→j}(x) + in_{j→i}(y) − C_e(x, y) − k0)/ε).
///
/// A sweep is an Euler tour: update a node, then for each child send a message down, tour its subtree, and receive
/// its message. Each message is sent once and every update uses current messages. This is block coordinate ascent of
/// the dual, which converges. (A downward pass followed by an upward pass costs the same but does not converge,
/// because siblings would use outdated messages.)
///
/// Messages are computed with the largest term factored out and one exponential per entry, or by a matrix–vector
/// product with an absorbed kernel K_e = exp((A_i ⊕ A_j − C_e)/ε), where A_i ≈ in_{i→j}. K_e is recomputed before the
/// incoming potentials leave the safe range around A.
final class TreeMessages<Scalar: TreeScalar> {
  let topology: TreeTopology
  private let measures: TreeMeasures
  var marginals: [TreeMarginal] { measures.marginals }
  var referenceMass: Double { measures.referenceMass }
  var costs: [EdgeMatrix<Scalar>]
  /// The constant costs that are sums over axes, for separable products.
  private let separable: [SeparableCost?]
  private var kernels: [EdgeMatrix<Scalar>?]
  private var absorbed: [(first: [Double], second: [Double])]
  /// The potentials φ; −∞ where a node has no mass.
  var potentials: [[Double]]
  /// The messages into the first (0) and second (1) end of each edge.
  private(set) var messages: [[[Double]]]
  private(set) var epsilon: Double
  private(set) var relaxations: [Double]
  private(set) var constant = 0.0
  private(set) var mass: Double
  /// The mass of the prescribed marginals; 0 if there are none.
  let prescribedMass: Double
  /// Whether, since the last absorption, a message was out of the range of its kernel and therefore computed exactly.
  private(set) var needsAbsorption = true

  init(
    topology: TreeTopology, marginals: [TreeMarginal], reference: TreeReference, costs: [EdgeMatrix<Scalar>],
    separable: [SeparableCost?]? = nil, epsilon: Double
  ) {
    self.topology = topology
    measures = TreeMeasures(marginals, reference)
    self.costs = costs
    self.separable = separable ?? costs.map { _ in nil }
    self.epsilon = epsilon
    potentials = marginals.map { [Double](repeating: 0, count: $0.count) }
    messages = topology.edges.map { edge in
      [edge.first, edge.second].map { [Double](repeating: 0, count: marginals[$0].count) }
    }
    kernels = costs.map { _ in nil }
    absorbed = costs.map { _ in ([], []) }
    relaxations = marginals.map(\.relaxation)
    prescribedMass = marginals.first(where: \.isFixed).map { compensatedSum($0.weights ?? []) } ?? 0
    mass = prescribedMass
    for node in marginals.indices { excludeEmptyPoints(node) }
  }

  /// Removes the points of a node without weight or reference, which have no mass.
  private func excludeEmptyPoints(_ node: Int) {
    guard !marginals[node].isFree else { return }
    for x in 0..<marginals[node].count where measures.logWeights[node][x] == -.infinity {
      potentials[node][x] = -.infinity
    }
  }

  /// The largest cost range max_e (max C_e − min C_e).
  var costRange: Double {
    costs.indices.reduce(0) { max($0, separable[$1]?.range ?? Scalar.range(costs[$1].elements, costs[$1].count)) }
  }

  /// Whether the mass of the plan is prescribed, so that k0 has no effect.
  var massIsPrescribed: Bool { prescribedMass > 0 }

  /// Sets the problem: entropy ε, penalty weights `scale`·ρ_i, and the constant k0.
  func pose(epsilon: Double, relaxationScale scale: Double, constant: Double) {
    self.epsilon = epsilon
    relaxations = marginals.map { $0.relaxation == .infinity ? .infinity : $0.relaxation * scale }
    self.constant = massIsPrescribed ? 0 : constant
    for edge in kernels.indices { absorbed[edge] = ([], []) }
  }

  /// Returns in_{node→} along an edge, or, if `edge` is nil, the sum over all edges: ε log π + k0.
  func incoming(_ node: Int, except edge: Int?) -> [Double] {
    var result = received(node, except: edge)
    ck_axpy(1, potentials[node], &result, result.count)
    return result
  }

  /// Returns the incoming messages without the node's own potential.
  private func received(_ node: Int, except edge: Int?) -> [Double] {
    var result = measures.logReferences[node].map { epsilon * $0 }
    for link in topology.links[node] where link.edge != edge {
      let message = messages[link.edge][side(of: node, link.edge)]
      ck_axpy(1, message, &result, result.count)
    }
    return result
  }

  private func side(of node: Int, _ edge: Int) -> Int { topology.edges[edge].first == node ? 0 : 1 }

  /// Sends the message from a node along an edge.
  private func send(_ edge: Int, from node: Int, exactly: Bool) {
    let end = side(of: node, edge)
    let potential = incoming(node, except: edge)
    if !exactly {
      if sendAbsorbed(edge, from: end, potential) { return }
      needsAbsorption = true
    }
    messages[edge][1 - end] = carried(potential, along: edge, from: node)
  }

  /// Returns ε log Σ_x exp((p(x) − C_e(x, ·))/ε), the exact message of a potential to the other end of an edge.
  private func carried(_ potential: [Double], along edge: Int, from node: Int) -> [Double] {
    let isFirst = topology.edges[edge].first == node
    if let kernel = separable[edge]?.kernel(epsilon: epsilon, isForward: isFirst) { return kernel.carried(potential) }
    var result = [Double](repeating: 0, count: isFirst ? costs[edge].columns : costs[edge].rows)
    if isFirst {
      Scalar.softmaxColumns(costs[edge], potential, epsilon, &result)
    } else {
      Scalar.softmaxRows(costs[edge], potential, epsilon, &result)
    }
    return result
  }

  /// Returns the exact cost of a path as a single edge, from one point of its first node to all points of its last
  /// node.
  ///
  /// It is −ε log Σ exp(−Σ C_e/ε) Π r over all ways along the path, with the references of the inner nodes, and takes
  /// one exact message per edge.
  func pathCosts(from point: Int, nodes: [Int], edges: [Int]) -> [Double] {
    var potential = [Double](repeating: -.infinity, count: marginals[nodes[0]].count)
    potential[point] = 0
    for (step, edge) in edges.enumerated() {
      if step > 0 { ck_axpy(epsilon, measures.logReferences[nodes[step]], &potential, potential.count) }
      potential = carried(potential, along: edge, from: nodes[step])
    }
    return potential.map { -$0 }
  }

  /// Returns log r of a node.
  func logReference(_ node: Int) -> [Double] { measures.logReferences[node] }

  /// Sends the message by the absorbed kernel; returns false if the potentials are out of the range of the kernel.
  private func sendAbsorbed(_ edge: Int, from end: Int, _ potential: [Double]) -> Bool {
    guard let kernel = kernels[edge], !absorbed[edge].first.isEmpty else { return false }
    let (own, other) = end == 0 ? absorbed[edge] : (absorbed[edge].second, absorbed[edge].first)
    let limit = Scalar.safeShift * epsilon
    var shifts = potential
    for x in shifts.indices {
      if potential[x] == -.infinity { continue }
      // A point that had no mass when the kernel was computed is missing from it.
      shifts[x] -= own[x]
      if !(abs(shifts[x]) <= limit) { return false }
      shifts[x] /= epsilon
    }
    let scalings = exponentials(shifts)
    var sums = [Double](repeating: 0, count: other.count)
    if end == 1 { Scalar.product(kernel, scalings, &sums) } else { Scalar.transposedProduct(kernel, scalings, &sums) }
    let logs = logarithms(sums)
    for x in other.indices {
      messages[edge][1 - end][x] = other[x] == -.infinity ? messages[edge][1 - end][x] : epsilon * logs[x] - other[x]
    }
    return true
  }

  /// Recomputes the kernels of all edges at the current messages.
  func absorb() {
    needsAbsorption = false
    for (edge, ends) in topology.edges.enumerated() {
      let kernel = kernels[edge] ?? EdgeMatrix<Scalar>(rows: costs[edge].rows, columns: costs[edge].columns)
      absorbed[edge] = (incoming(ends.first, except: edge), incoming(ends.second, except: edge))
      // Shifted so that the largest entries are near 1, whatever the mass.
      let largest = incoming(ends.first, except: nil).max() ?? 0
      if largest > -.infinity { for x in absorbed[edge].first.indices { absorbed[edge].first[x] -= largest } }
      Scalar.plan(costs[edge], absorbed[edge].first, absorbed[edge].second, epsilon, into: kernel)
      kernels[edge] = kernel
    }
  }

  /// Takes the memory of an edge's kernel, which is recomputed when it is next absorbed.
  func takeKernel(_ edge: Int) -> EdgeMatrix<Scalar> {
    absorbed[edge] = ([], [])
    let kernel = kernels[edge] ?? EdgeMatrix<Scalar>(rows: costs[edge].rows, columns: costs[edge].columns)
    kernels[edge] = nil
    return kernel
  }

  /// Frees the memory that only further sweeps would need.
  func dropKernels() {
    for edge in kernels.indices { (kernels[edge], absorbed[edge]) = (nil, ([], [])) }
  }

  func giveKernel(_ kernel: EdgeMatrix<Scalar>, _ edge: Int) { kernels[edge] = kernel }

  /// Updates φ of a node from its messages, u = (μ/(r S e^{−k0/ε}))^{ρ/(ρ+ε)}.
  ///
  /// The result is the L1 residual of π_i in the node's optimality condition before the update.
  func update(_ node: Int) -> Double {
    let marginal = marginals[node]
    let rest = received(node, except: nil).map { $0 - constant }
    let error = violation(node, rest)
    if marginal.isFree { return 0 }
    let rho = relaxations[node]
    let exponent = rho == .infinity ? 1 : rho / (rho + epsilon)
    for x in 0..<marginal.count where measures.logWeights[node][x] > -.infinity {
      let answer = exponent * (epsilon * measures.logWeights[node][x] - rest[x])
      potentials[node][x] = answer < .infinity ? answer : -.infinity
    }
    return error
  }

  /// Returns the L1 residual of a leaf's optimality condition as a fraction of the mass, by an exact message.
  func residual(leaf node: Int) -> Double {
    for link in topology.links[node] { send(link.edge, from: link.neighbor, exactly: true) }
    let error = violation(node, received(node, except: nil).map { $0 - constant })
    return error / max(mass, prescribedMass, .leastNormalMagnitude)
  }

  /// Computes the mass and the residual of a node from its messages.
  private func violation(_ node: Int, _ rest: [Double]) -> Double {
    let rho = relaxations[node]
    let masses = exponentials(zip(rest, potentials[node]).map { ($0 + $1) / epsilon })
    mass = compensatedSum(masses)
    if marginals[node].isFree { return 0 }
    var error = 0.0
    for x in masses.indices where measures.logWeights[node][x] > -.infinity {
      let wished =
        rho == .infinity ? measures.logWeights[node][x] : measures.logWeights[node][x] - potentials[node][x] / rho
      error += abs(masses[x] - (wished > -.infinity ? exp(wished) : 0))
    }
    return error
  }

  /// Performs one sweep and returns the largest residual over the nodes, as a fraction of the mass.
  func sweep(exactly: Bool, root: Int) -> Double {
    var worst = 0.0
    func tour(_ node: Int, from edge: Int?) {
      let error = update(node)
      worst = max(worst, error / max(mass, prescribedMass, .leastNormalMagnitude))
      for link in topology.links[node] where link.edge != edge {
        send(link.edge, from: node, exactly: exactly)
        tour(link.neighbor, from: link.edge)
        send(link.edge, from: link.neighbor, exactly: exactly)
      }
    }
    tour(root, from: nil)
    return worst
  }

  /// Sends all messages toward the root from the current potentials, as the first sweep requires.
  func gather(root: Int) {
    func collect(_ node: Int, from edge: Int?) {
      for link in topology.links[node] where link.edge != edge {
        collect(link.neighbor, from: link.edge)
        send(link.edge, from: link.neighbor, exactly: true)
      }
    }
    collect(root, from: nil)
  }

  /// Sends all messages away from the root except those into leaves, which no plan needs.
  func distribute(root: Int) {
    func spread(_ node: Int, from edge: Int?) {
      for link in topology.links[node] where link.edge != edge && topology.degree(link.neighbor) > 1 {
        send(link.edge, from: node, exactly: true)
        spread(link.neighbor, from: link.edge)
      }
    }
    spread(root, from: nil)
  }

  /// Computes the plan π_e.
  func writePlan(_ edge: Int, into plan: EdgeMatrix<Scalar>) {
    let ends = topology.edges[edge]
    let first = incoming(ends.first, except: edge).map { $0 - constant }
    Scalar.plan(costs[edge], first, incoming(ends.second, except: edge), epsilon, into: plan)
  }

  /// The points of a node that carry more than a negligible fraction of the mass at the current messages.
  func active(_ node: Int) -> [Int] {
    let logs = incoming(node, except: nil)
    let least = (logs.max() ?? 0) + epsilon * log(Scalar.negligible)
    return logs.indices.filter { logs[$0] > least }
  }

  /// Computes the factor of the plan along an edge, with one row per point of `from`.
  ///
  /// The first factor of a path is the edge's plan; later factors are the transition probabilities π_e(y | x), by
  /// messages from beyond `to`, multiplied from the left by `before`.
  ///
  /// - Parameters:
  ///   - edge: the edge.
  ///   - from: the node of the rows.
  ///   - rows: the points of `from` that take part.
  ///   - to: the node of the columns.
  ///   - columns: the points of `to` that take part.
  ///   - before: the product of the previous factors, with a column for each of `rows`; nil for the first factor.
  ///   - buffers: buffers for intermediate matrices.
  ///   - out: the result.
  func transition(
    _ edge: Int, from: Int, rows: [Int], to: Int, columns: [Int], after before: EdgeMatrix<Scalar>?,
    buffers: TransitionBuffers<Scalar>,
    into out: EdgeMatrix<Scalar>
  ) {
    let beyond = incoming(to, except: edge)
    var own =
      before == nil
      ? incoming(from, except: edge).map { $0 - constant } : messages[edge][side(of: from, edge)].map { -$0 }
    for x in own.indices where !(own[x] < .infinity) { own[x] = -.infinity }
    let (p, q) = (rows.map { own[$0] }, columns.map { beyond[$0] })
    let isForward = topology.edges[edge].first == from
    if let before, let kernel = separable[edge]?.kernel(epsilon: epsilon, isForward: isForward) {
      return kernel.extended(before, rows, p, columns, q, into: out)
    }
    let cost = costs[edge]
    let part = EdgeMatrix<Scalar>(rows: rows.count, columns: columns.count, in: buffers.cost)
    for (i, x) in rows.enumerated() {
      for (j, y) in columns.enumerated() {
        part.elements[i * part.columns + j] = cost.elements[isForward ? x * cost.columns + y : y * cost.columns + x]
      }
    }
    guard let before else { return Scalar.plan(part, p, q, epsilon, into: out) }
    let factor = EdgeMatrix<Scalar>(rows: rows.count, columns: columns.count, in: buffers.factor)
    Scalar.plan(part, p, q, epsilon, into: factor)
    Scalar.multiply(
      before.elements, factor.elements, rows: before.rows, inner: rows.count, columns: columns.count, into: out.elements
    )
  }

  /// The entropy Σ π log(π/R), whose logarithm is (Σ φ_i − Σ C_e − k0)/ε.
  ///
  /// - Parameters:
  ///   - nodeMarginals: π_i of each node.
  ///   - transportCost: Σ_e ⟨C_e, π_e⟩.
  /// - Returns: the entropy.
  func entropy(_ nodeMarginals: [[Double]], transportCost: Double) -> Double {
    var paired = -transportCost - constant * compensatedSum(nodeMarginals[0])
    for (potential, marginal) in zip(potentials, nodeMarginals) {
      for x in marginal.indices where marginal[x] > 0 { paired += potential[x] * marginal[x] }
    }
    return paired / epsilon
  }

  func logWeight(_ node: Int) -> [Double] { measures.logWeights[node] }
}

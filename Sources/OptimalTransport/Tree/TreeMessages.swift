import CKernels
import Glibc
import LinearAlgebra

/// The state of Sinkhorn's iteration on a tree: a potential φ_i = ε log u_i at each node and two messages an edge, all in units of the cost,
///
///     h_{j→i}(x) = ε log Σ_y exp((in_{j→i}(y) − C_e(x, y))/ε),      in_{j→i} = ε log r_j + φ_j + Σ_{k ≠ i} h_{k→j},
///     π_i = exp((ε log r_i + φ_i + Σ_k h_{k→i} − k0)/ε),            π_e(x, y) = exp((in_{i→j}(x) + in_{j→i}(y) − C_e(x, y) − k0)/ε).
///
/// A sweep is an Euler tour: update a node, then for each child send down, tour it, and receive its message. So each message is sent once
/// and every update sees current ones: block ascent of the dual, which converges. (All down, then all up costs the same and does not: siblings
/// would see stale messages.)
///
/// Messages are formed with the largest term taken out, one exponential an element, or by a matrix–vector product with an absorbed kernel
/// K_e = exp((A_i ⊕ A_j − C_e)/ε), where A_i ≈ in_{i→j}; K_e is made anew before the incoming potentials leave A by more than is safe.
final class TreeMessages<Scalar: TreeScalar> {
  let topology: TreeTopology
  private let measures: TreeMeasures
  var marginals: [TreeMarginal] { measures.marginals }
  var referenceMass: Double { measures.referenceMass }
  var costs: [EdgeMatrix<Scalar>]
  /// Costs that stay as they are, once more as sums over axes.
  private let separable: [SeparableCost?]
  private var kernels: [EdgeMatrix<Scalar>?]
  private var absorbed: [(first: [Double], second: [Double])]
  /// φ; −∞ where a node has no mass.
  var potentials: [[Double]]
  /// Messages into the first (0) and second (1) end of each edge.
  private(set) var messages: [[[Double]]]
  private(set) var epsilon: Double
  private(set) var relaxations: [Double]
  private(set) var constant = 0.0
  private(set) var mass: Double
  /// The mass of the prescribed marginals; 0 where there are none.
  let prescribedMass: Double
  /// Whether a kernel could not carry a message since the last absorption, which was then formed exactly.
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
    for node in marginals.indices { silence(node) }
  }

  /// Points without weight take no part; those without reference have no mass either.
  private func silence(_ node: Int) {
    guard !marginals[node].isFree else { return }
    for x in 0..<marginals[node].count where measures.logWeights[node][x] == -.infinity { potentials[node][x] = -.infinity }
  }

  /// max_e (max C_e − min C_e).
  var costRange: Double {
    costs.indices.reduce(0) { max($0, separable[$1]?.range ?? Scalar.range(costs[$1].elements, costs[$1].count)) }
  }

  /// Whether the mass of the plan is prescribed, so that k0 has no say.
  var massIsPrescribed: Bool { prescribedMass > 0 }

  /// Poses the problem anew: entropy ε, relaxations `scale`·ρ_i, and k0.
  func pose(epsilon: Double, relaxationScale scale: Double, constant: Double) {
    self.epsilon = epsilon
    relaxations = marginals.map { $0.relaxation == .infinity ? .infinity : $0.relaxation * scale }
    self.constant = massIsPrescribed ? 0 : constant
    for edge in kernels.indices { absorbed[edge] = ([], []) }
  }

  /// in_{node→} along an edge, or with `edge` nil the sum of all: ε log π + k0.
  func incoming(_ node: Int, except edge: Int?) -> [Double] {
    var result = received(node, except: edge)
    ck_axpy(1, potentials[node], &result, result.count)
    return result
  }

  /// The same without the node's own potential.
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

  /// ε log Σ_x exp((p(x) − C_e(x, ·))/ε): what a potential on a node is at the other end of an edge, exactly.
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

  /// −ε log Σ exp(−Σ C_e/ε) Π r over all ways along a path from one point of its first node to each of its last, with the references of the nodes
  /// between: the cost of the path as one edge, exactly. As many exact messages as the path has edges.
  func pathCosts(from point: Int, nodes: [Int], edges: [Int]) -> [Double] {
    var potential = [Double](repeating: -.infinity, count: marginals[nodes[0]].count)
    potential[point] = 0
    for (step, edge) in edges.enumerated() {
      if step > 0 { ck_axpy(epsilon, measures.logReferences[nodes[step]], &potential, potential.count) }
      potential = carried(potential, along: edge, from: nodes[step])
    }
    return potential.map { -$0 }
  }

  /// log r of a node.
  func logReference(_ node: Int) -> [Double] { measures.logReferences[node] }

  /// The same by the absorbed kernel; false when the potentials have left what the kernel can carry.
  private func sendAbsorbed(_ edge: Int, from end: Int, _ potential: [Double]) -> Bool {
    guard let kernel = kernels[edge], !absorbed[edge].first.isEmpty else { return false }
    let (own, other) = end == 0 ? absorbed[edge] : (absorbed[edge].second, absorbed[edge].first)
    let limit = Scalar.safeShift * epsilon
    var shifts = potential
    for x in shifts.indices {
      if potential[x] == -.infinity { continue }
      // A point that had no mass when the kernel was made is not in it.
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

  /// Makes the kernels of all edges anew at the present messages.
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

  /// Lends the kernel's memory of an edge, which is made anew when it is next absorbed.
  func takeKernel(_ edge: Int) -> EdgeMatrix<Scalar> {
    absorbed[edge] = ([], [])
    let kernel = kernels[edge] ?? EdgeMatrix<Scalar>(rows: costs[edge].rows, columns: costs[edge].columns)
    kernels[edge] = nil
    return kernel
  }

  /// Frees what only further sweeps would need.
  func dropKernels() {
    for edge in kernels.indices { (kernels[edge], absorbed[edge]) = (nil, ([], [])) }
  }

  func giveKernel(_ kernel: EdgeMatrix<Scalar>, _ edge: Int) { kernels[edge] = kernel }

  /// Lets φ of a node answer its messages: u = (μ/(r S e^{−k0/ε}))^{ρ/(ρ+ε)}. Returns how far π_i was from what φ asks of it, in L1.
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

  /// How far π_i of a leaf is from what φ asks of it, in L1 and as a fraction of the mass, by an exact message.
  func residual(leaf node: Int) -> Double {
    for link in topology.links[node] { send(link.edge, from: link.neighbour, exactly: true) }
    let error = violation(node, received(node, except: nil).map { $0 - constant })
    return error / max(mass, prescribedMass, .leastNormalMagnitude)
  }

  /// Takes the mass, and the violation, from a node's messages.
  private func violation(_ node: Int, _ rest: [Double]) -> Double {
    let rho = relaxations[node]
    let masses = exponentials(zip(rest, potentials[node]).map { ($0 + $1) / epsilon })
    mass = compensatedSum(masses)
    if marginals[node].isFree { return 0 }
    var error = 0.0
    for x in masses.indices where measures.logWeights[node][x] > -.infinity {
      let wished = rho == .infinity ? measures.logWeights[node][x] : measures.logWeights[node][x] - potentials[node][x] / rho
      error += abs(masses[x] - (wished > -.infinity ? exp(wished) : 0))
    }
    return error
  }

  /// One sweep; returns the largest violation over the nodes as a fraction of the mass.
  func sweep(exactly: Bool, root: Int) -> Double {
    var worst = 0.0
    func tour(_ node: Int, from edge: Int?) {
      let error = update(node)
      worst = max(worst, error / max(mass, prescribedMass, .leastNormalMagnitude))
      for link in topology.links[node] where link.edge != edge {
        send(link.edge, from: node, exactly: exactly)
        tour(link.neighbour, from: link.edge)
        send(link.edge, from: link.neighbour, exactly: exactly)
      }
    }
    tour(root, from: nil)
    return worst
  }

  /// Sends all messages towards the root from the present potentials, which a first sweep needs.
  func gather(root: Int) {
    func collect(_ node: Int, from edge: Int?) {
      for link in topology.links[node] where link.edge != edge {
        collect(link.neighbour, from: link.edge)
        send(link.edge, from: link.neighbour, exactly: true)
      }
    }
    collect(root, from: nil)
  }

  /// Sends all messages away from the root but those into leaves, which no plan asks for.
  func distribute(root: Int) {
    func spread(_ node: Int, from edge: Int?) {
      for link in topology.links[node] where link.edge != edge && topology.degree(link.neighbour) > 1 {
        send(link.edge, from: node, exactly: true)
        spread(link.neighbour, from: link.edge)
      }
    }
    spread(root, from: nil)
  }

  /// π_e.
  func writePlan(_ edge: Int, into plan: EdgeMatrix<Scalar>) {
    let ends = topology.edges[edge]
    let first = incoming(ends.first, except: edge).map { $0 - constant }
    Scalar.plan(costs[edge], first, incoming(ends.second, except: edge), epsilon, into: plan)
  }

  /// The points of a node that carry more than a negligible part of the mass at the present messages.
  func active(_ node: Int) -> [Int] {
    let logs = incoming(node, except: nil)
    let least = (logs.max() ?? 0) + epsilon * log(Scalar.negligible)
    return logs.indices.filter { logs[$0] > least }
  }

  /// The factor of the plan that leads along an edge, a row for each point of `from`: the edge's plan itself where nothing comes before, else the
  /// transition probabilities π_e(y | x), by messages that come from beyond `to`; multiplied from the left by `before`.
  ///
  /// - Parameters:
  ///   - rows, columns: the points of `from` and `to` that take part.
  ///   - before: a column for each of `rows`.
  ///   - room: the memory of the answer.
  func transition(
    _ edge: Int, from: Int, rows: [Int], to: Int, columns: [Int], after before: EdgeMatrix<Scalar>?, rooms: TransitionRooms<Scalar>,
    into out: EdgeMatrix<Scalar>
  ) {
    let beyond = incoming(to, except: edge)
    var own = before == nil ? incoming(from, except: edge).map { $0 - constant } : messages[edge][side(of: from, edge)].map { -$0 }
    for x in own.indices where !(own[x] < .infinity) { own[x] = -.infinity }
    let (p, q) = (rows.map { own[$0] }, columns.map { beyond[$0] })
    let isForward = topology.edges[edge].first == from
    if let before, let kernel = separable[edge]?.kernel(epsilon: epsilon, isForward: isForward) {
      return kernel.extended(before, rows, p, columns, q, into: out)
    }
    let cost = costs[edge]
    let part = EdgeMatrix<Scalar>(rows: rows.count, columns: columns.count, in: rooms.cost)
    for (i, x) in rows.enumerated() {
      for (j, y) in columns.enumerated() {
        part.elements[i * part.columns + j] = cost.elements[isForward ? x * cost.columns + y : y * cost.columns + x]
      }
    }
    guard let before else { return Scalar.plan(part, p, q, epsilon, into: out) }
    let factor = EdgeMatrix<Scalar>(rows: rows.count, columns: columns.count, in: rooms.factor)
    Scalar.plan(part, p, q, epsilon, into: factor)
    Scalar.multiply(before.elements, factor.elements, rows: before.rows, inner: rows.count, columns: columns.count, into: out.elements)
  }

  /// Σ π log(π/R), whose logarithm is (Σ φ_i − Σ C_e − k0)/ε.
  ///
  /// - Parameter transportCost: Σ_e ⟨C_e, π_e⟩.
  func entropy(_ nodeMarginals: [[Double]], transportCost: Double) -> Double {
    var paired = -transportCost - constant * compensatedSum(nodeMarginals[0])
    for (potential, marginal) in zip(potentials, nodeMarginals) {
      for x in marginal.indices where marginal[x] > 0 { paired += potential[x] * marginal[x] }
    }
    return paired / epsilon
  }

  func logWeight(_ node: Int) -> [Double] { measures.logWeights[node] }
}

import LinearAlgebra

/// A linear problem in the form that Sinkhorn's iteration solves: the same plan, but costs that ε can resolve.
///
/// For prescribed marginals, costs far above ε and forbidden pairs are replaced by the reduced costs C_ij − f_i − g_j
/// of the exact solution, which change the cost of every plan by the same amount. They are not negative, and 0 where
/// the exact plan has mass. Pairs that no plan uses, and pairs so expensive that the entropic mass underflows, are
/// removed, because otherwise the scalings of their points would diverge. If a marginal is relaxed, points that have
/// only forbidden pairs are removed, because they have no mass.
struct EntropicPose {
  /// The cost matrix; removed pairs have infinite cost.
  let cost: Matrix
  let source: [Double]
  let target: [Double]
  /// The largest cost difference to which the plan can be sensitive: the initial ε of ε-scaling.
  let range: Double
  /// The exact potentials f and g and the dual value ⟨a, f⟩ + ⟨b, g⟩, if costs were reduced.
  let offset: (potentials: Potentials, value: Double)?
  /// The level of each source and then of each target point: pairs that no plan uses lead from a lower to a higher
  /// level.
  private let levels: [Int]

  /// The magnitude of potentials, in units of ε, up to which they keep the digits that a solution needs.
  private static let resolvedRange = 1e6
  /// The reduced cost, in units of ε and points, beyond which a pair is removed: its mass of e^−1000 underflows.
  private static let unusedCost = 1e3

  init(_ problem: LinearProblem, epsilon: Double) throws(ProblemError) {
    let (a, b, cost) = (problem.source, problem.target, problem.cost)
    let all = Self.range(cost, a, b)
    let isForbidding = cost.elements.contains(.infinity)
    if problem.relaxation.isBalanced, isForbidding || all > Self.resolvedRange * epsilon {
      let exact = try NetworkSimplex().solve(problem, keepsReducedCosts: true)
      let (usable, levels) = Self.usable(exact, cheaperThan: Self.unusedCost * Double(a.count + b.count) * epsilon)
      self.init(
        cost: usable, source: a, target: b, range: Self.range(usable, a, b),
        offset: (exact.potentials, exact.certificate.dualValue),
        levels: levels)
      return
    }
    var (source, target) = (a, b)
    if isForbidding {
      for i in a.indices where !b.indices.contains(where: { b[$0] > 0 && cost[i, $0] < .infinity }) { source[i] = 0 }
      for j in b.indices where !a.indices.contains(where: { a[$0] > 0 && cost[$0, j] < .infinity }) { target[j] = 0 }
      try Self.requireUnchanged(source, a, rho: problem.relaxation.source, name: "row")
      try Self.requireUnchanged(target, b, rho: problem.relaxation.target, name: "column")
    }
    let used =
      all > Self.resolvedRange * epsilon ? min(all, Self.usedRange(cost, source, target, problem.relaxation)) : all
    self.init(cost: cost, source: source, target: target, range: used, offset: nil, levels: [])
  }

  private init(
    cost: Matrix, source: [Double], target: [Double], range: Double,
    offset: (potentials: Potentials, value: Double)?,
    levels: [Int]
  ) {
    (self.cost, self.source, self.target, self.range, self.offset, self.levels) = (
      cost, source, target, range, offset, levels
    )
  }

  /// The largest minus the smallest finite cost between points with mass.
  private static func range(_ cost: Matrix, _ a: [Double], _ b: [Double]) -> Double {
    var (least, largest) = (Double.infinity, -Double.infinity)
    let columns = b.indices.filter { b[$0] > 0 }
    for i in a.indices where a[i] > 0 {
      for j in columns where cost[i, j] < .infinity {
        (least, largest) = (min(least, cost[i, j]), max(largest, cost[i, j]))
      }
    }
    return max(0, largest - least)
  }

  /// The range of costs that a plan can use: a relaxed marginal drops mass rather than pay more than ρ, and a
  /// prescribed one uses at least each point's cheapest pair.
  private static func usedRange(_ cost: Matrix, _ a: [Double], _ b: [Double], _ relaxation: MarginalRelaxation)
    -> Double
  {
    func farthest(_ points: [Double], _ partners: [Double], _ pair: (Int, Int) -> Double) -> Double {
      points.indices.reduce(-Double.infinity) { largest, point in
        guard points[point] > 0 else { return largest }
        return max(
          largest, partners.indices.reduce(Double.infinity) { partners[$1] > 0 ? min($0, pair(point, $1)) : $0 })
      }
    }
    let least = cost.elements.min() ?? 0
    let source = relaxation.source.isFinite ? relaxation.source : farthest(a, b) { cost[$0, $1] } - least
    let target = relaxation.target.isFinite ? relaxation.target : farthest(b, a) { cost[$1, $0] } - least
    return max(0, source) + max(0, target)
  }

  private static func requireUnchanged(_ kept: [Double], _ weights: [Double], rho: Double, name: String)
    throws(ProblemError)
  {
    guard rho == .infinity, let index = kept.indices.first(where: { kept[$0] != weights[$0] }) else { return }
    throw .infeasible(reason: "\(name) \(index) has mass, but all its pairs are forbidden (of infinite cost)")
  }

  /// The reduced costs of all pairs that some plan without forbidden and extremely expensive pairs uses, and ∞
  /// elsewhere.
  ///
  /// Mass can move around a cycle of pairs and back along the exact plan. Therefore a pair is used if the connected
  /// parts of the plan to which its points belong can reach each other by pairs. Pairs of points without mass stay.
  private static func usable(_ exact: ExactSolution, cheaperThan limit: Double) -> (cost: Matrix, levels: [Int]) {
    guard var cost = exact.reducedCosts else { preconditionFailure("reduced costs were requested") }
    let (rows, columns) = (cost.rows, cost.columns)
    let parts = SimplexTree.parts(of: exact.entries, rows: rows, columns: columns)
    let count = (parts.compactMap { $0 }.max() ?? -1) + 1
    var leads = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
    for i in 0..<rows {
      for j in 0..<columns where cost[i, j] <= limit {
        if let first = parts[i], let second = parts[rows + j] { leads[first][second] = true }
      }
    }
    let reach = MutualReach(leads)
    for i in 0..<rows {
      for j in 0..<columns {
        guard let first = parts[i], let second = parts[rows + j] else { continue }
        if cost[i, j] > limit || reach.classes[first] != reach.classes[second] { cost[i, j] = .infinity }
      }
    }
    return (cost, parts.map { $0.map { reach.levels[reach.classes[$0]] } ?? 0 })
  }

  /// Extends the potentials that the iteration found by finite values at the points that were removed.
  func completed(_ found: Potentials, of problem: LinearProblem) -> Potentials {
    func side(_ found: [Double], _ own: [Double], _ weights: [Double], _ rho: Double) -> [Double] {
      found.indices.map { point in
        // exp(−φ/ρ) is the fraction of a relaxed weight that remains, here 0.
        if own[point] != weights[point] { return 800 * rho }
        return found[point].isFinite ? found[point] : 0
      }
    }
    return Potentials(
      source: side(found.source, source, problem.source, problem.relaxation.source),
      target: side(found.target, target, problem.target, problem.relaxation.target))
  }

  /// Converts the potentials of the pose to those of the problem, for which unused pairs have no mass either.
  func restored(_ potentials: Potentials, epsilon: Double) -> Potentials {
    guard let offset = offset?.potentials else { return potentials }
    let (f, g, phi, psi) = (offset.source, offset.target, potentials.source, potentials.target)
    let step = Self.unusedCost * epsilon + max(0, (phi.max() ?? 0) + (psi.max() ?? 0))
    return Potentials(
      source: phi.indices.map { phi[$0] + f[$0] + Double(levels[$0]) * step },
      target: psi.indices.map { psi[$0] + g[$0] - Double(levels[phi.count + $0]) * step })
  }
}

/// The strongly connected components of a directed graph, by the Kosaraju–Sharir algorithm, with topological levels.
///
/// An edge between components leads from a lower to a higher level.
private struct MutualReach {
  /// The component of each node, counted from 0.
  private(set) var classes: [Int]
  /// The level of each component.
  private(set) var levels: [Int] = []

  /// Finds the components of the graph with the given adjacency matrix.
  init(_ leads: [[Bool]]) {
    classes = [Int](repeating: -1, count: leads.count)
    var members: [[Int]] = []
    for start in Self.finished(leads).reversed() where classes[start] < 0 {
      classes[start] = members.count
      var (pending, own) = ([start], [start])
      while let node = pending.popLast() {
        for previous in leads.indices where leads[previous][node] && classes[previous] < 0 {
          classes[previous] = members.count
          pending.append(previous)
          own.append(previous)
        }
      }
      members.append(own)
    }
    // Components are found before those that they lead to.
    levels = [Int](repeating: 0, count: members.count)
    for (number, own) in members.enumerated() {
      for node in own {
        for next in leads.indices where leads[node][next] && classes[next] != number {
          levels[classes[next]] = max(levels[classes[next]], levels[number] + 1)
        }
      }
    }
  }

  /// The nodes in the order in which a depth-first search finishes them.
  private static func finished(_ leads: [[Bool]]) -> [Int] {
    var (order, isSeen) = ([Int](), [Bool](repeating: false, count: leads.count))
    for start in leads.indices where !isSeen[start] {
      isSeen[start] = true
      var path = [(node: start, next: 0)]
      while let (node, first) = path.last {
        if let next = (first..<leads.count).first(where: { leads[node][$0] && !isSeen[$0] }) {
          path[path.count - 1].next = next + 1
          isSeen[next] = true
          path.append((next, 0))
        } else {
          order.append(node)
          path.removeLast()
        }
      }
    }
    return order
  }
}

import LinearAlgebra

/// A linear problem as Sinkhorn's iteration takes it: with the same plan, but with costs that ε can resolve.
///
/// Between fixed marginals, costs far beyond ε and forbidden pairs are posed in the reduced costs C_ij − f_i − g_j of the exact solution, which
/// differ from C by what every plan pays. They are not negative, and 0 where the exact plan has mass. What no plan uses, or what is dearer by so much
/// that the entropic plan has less there than the smallest number, is left out: else the scalings of those points would have to move for ever.
/// With a relaxed marginal, points whose pairs are all forbidden are left out; they have no mass.
struct EntropicPose {
  /// What is left out has infinite cost.
  let cost: Matrix
  let source: [Double]
  let target: [Double]
  /// The largest difference of costs that the plan can be sensitive to: where ε-scaling starts.
  let range: Double
  /// f, g and ⟨a, f⟩ + ⟨b, g⟩ where costs are reduced.
  let offset: (potentials: Potentials, value: Double)?
  /// Of each source, then of each target point: pairs that no plan uses lead from a lower to a higher level.
  private let levels: [Int]

  /// Potentials of at most this many ε keep the digits that a solution needs.
  private static let resolvedRange = 1e6
  /// Pairs dearer by this many ε and points: shared out over any cycle of pairs, e^−1000 a pair is no number.
  private static let unusedCost = 1e3

  init(_ problem: LinearProblem, epsilon: Double) throws(ProblemError) {
    let (a, b, cost) = (problem.source, problem.target, problem.cost)
    let all = Self.range(cost, a, b)
    let isForbidding = cost.elements.contains(.infinity)
    if problem.relaxation.isBalanced, isForbidding || all > Self.resolvedRange * epsilon {
      let exact = try NetworkSimplex().solve(problem, keepsReducedCosts: true)
      let (usable, levels) = Self.usable(exact, cheaperThan: Self.unusedCost * Double(a.count + b.count) * epsilon)
      self.init(
        cost: usable, source: a, target: b, range: Self.range(usable, a, b), offset: (exact.potentials, exact.certificate.dualValue),
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
    let used = all > Self.resolvedRange * epsilon ? min(all, Self.usedRange(cost, source, target, problem.relaxation)) : all
    self.init(cost: cost, source: source, target: target, range: used, offset: nil, levels: [])
  }

  private init(
    cost: Matrix, source: [Double], target: [Double], range: Double,
    offset: (potentials: Potentials, value: Double)?,
    levels: [Int]
  ) {
    (self.cost, self.source, self.target, self.range, self.offset, self.levels) = (cost, source, target, range, offset, levels)
  }

  /// The largest finite cost less the least, between points with mass.
  private static func range(_ cost: Matrix, _ a: [Double], _ b: [Double]) -> Double {
    var (least, largest) = (Double.infinity, -Double.infinity)
    let columns = b.indices.filter { b[$0] > 0 }
    for i in a.indices where a[i] > 0 {
      for j in columns where cost[i, j] < .infinity { (least, largest) = (min(least, cost[i, j]), max(largest, cost[i, j])) }
    }
    return max(0, largest - least)
  }

  /// A relaxed marginal gives mass up rather than pay more than its ρ; a fixed one goes at least to each point's cheapest pair.
  private static func usedRange(_ cost: Matrix, _ a: [Double], _ b: [Double], _ relaxation: MarginalRelaxation) -> Double {
    func farthest(_ points: [Double], _ partners: [Double], _ pair: (Int, Int) -> Double) -> Double {
      points.indices.reduce(-Double.infinity) { largest, point in
        guard points[point] > 0 else { return largest }
        return max(largest, partners.indices.reduce(Double.infinity) { partners[$1] > 0 ? min($0, pair(point, $1)) : $0 })
      }
    }
    let least = cost.elements.min() ?? 0
    let source = relaxation.source.isFinite ? relaxation.source : farthest(a, b) { cost[$0, $1] } - least
    let target = relaxation.target.isFinite ? relaxation.target : farthest(b, a) { cost[$1, $0] } - least
    return max(0, source) + max(0, target)
  }

  private static func requireUnchanged(_ kept: [Double], _ weights: [Double], rho: Double, name: String) throws(ProblemError) {
    guard rho == .infinity, let index = kept.indices.first(where: { kept[$0] != weights[$0] }) else { return }
    throw .infeasible(reason: "\(name) \(index) has mass, but all its pairs are forbidden (of infinite cost)")
  }

  /// The reduced costs of pairs that some plan without forbidden and very dear pairs uses, and ∞ elsewhere; pairs of points without mass are kept.
  ///
  /// Mass can move around a cycle of pairs and back along the exact plan, so that a pair is used when both its points' parts of that plan can reach each
  /// other by pairs.
  private static func usable(_ exact: ExactSolution, cheaperThan limit: Double) -> (cost: Matrix, levels: [Int]) {
    guard var cost = exact.reducedCosts else { preconditionFailure("reduced costs were asked for") }
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

  /// The potentials that the iteration found, finite at points that it left out as well.
  func completed(_ found: Potentials, of problem: LinearProblem) -> Potentials {
    func side(_ found: [Double], _ own: [Double], _ weights: [Double], _ rho: Double) -> [Double] {
      found.indices.map { point in
        // exp(−φ/ρ) is the share of a relaxed weight that is kept: none.
        if own[point] != weights[point] { return 800 * rho }
        return found[point].isFinite ? found[point] : 0
      }
    }
    return Potentials(
      source: side(found.source, source, problem.source, problem.relaxation.source),
      target: side(found.target, target, problem.target, problem.relaxation.target))
  }

  /// The potentials of the problem from those of the pose, by which what no plan uses has no mass either.
  func restored(_ potentials: Potentials, epsilon: Double) -> Potentials {
    guard let offset = offset?.potentials else { return potentials }
    let (f, g, phi, psi) = (offset.source, offset.target, potentials.source, potentials.target)
    let step = Self.unusedCost * epsilon + max(0, (phi.max() ?? 0) + (psi.max() ?? 0))
    return Potentials(
      source: phi.indices.map { phi[$0] + f[$0] + Double(levels[$0]) * step },
      target: psi.indices.map { psi[$0] + g[$0] - Double(levels[phi.count + $0]) * step })
  }
}

/// The classes of nodes of a directed graph that reach each other, by Kosaraju and Sharir's two searches, and their levels: an edge between classes leads
/// from a lower to a higher one.
private struct MutualReach {
  /// Of each node, counted from 0.
  private(set) var classes: [Int]
  /// Of each class.
  private(set) var levels: [Int] = []

  /// - Parameter leads: whether an edge leads from a node to another.
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
    // Classes were found before those that they lead to.
    levels = [Int](repeating: 0, count: members.count)
    for (number, own) in members.enumerated() {
      for node in own {
        for next in leads.indices where leads[node][next] && classes[next] != number {
          levels[classes[next]] = max(levels[classes[next]], levels[number] + 1)
        }
      }
    }
  }

  /// The nodes in the order in which a search in depth leaves them.
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

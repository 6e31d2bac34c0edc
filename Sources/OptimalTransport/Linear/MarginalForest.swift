import CKernels
import Glibc
import LinearAlgebra

/// An active set of pairs that form a forest, with the best plan for that support.
///
/// It is for problems
///
///     min  ⟨C, P⟩ + D1(P1) + D2(Pᵀ1)   over P ≥ 0
///
/// for strictly convex penalties D of each marginal. On a tree all potentials are known but for one constant, which the
/// balance of its two marginals gives in closed form; the marginals then give the flows. A pair whose reduced cost is
/// negative enters: it joins two trees, or closes a cycle that is turned until a pair of it is empty. Where the best
/// flows of a tree are not all positive, the plan goes towards them until a pair is empty, which leaves. Every pair has
/// mass, so that each pivot lowers the objective and no forest comes back.
struct MarginalForest {
  private let cost: Matrix
  private let source: PenalizedSide
  private let target: PenalizedSide
  private let n: Int

  private struct Arc {
    var row: Int32
    var column: Int32
    var flow: Double
    /// What the flow would be at the tree's best.
    var wanted = 0.0
    /// The arcs before and after it at its row and at its column.
    var before: (Int32, Int32) = (-1, -1)
    var after: (Int32, Int32) = (-1, -1)
    var isUsed = true
  }

  private var arcs: [Arc] = []
  private var unused: [Int32] = []
  /// The first arc of each node: rows 0..<n, then columns.
  private var first: [Int32]
  /// The arc towards the root of the tree, and the steps to it.
  private var up: [Int32]
  private var depth: [Int32]
  private var tree: [Int]
  private var trees = 0
  /// f of the rows, then g of the columns; −∞ for a column that takes no part.
  private var potential: [Double]
  /// What each potential's rounding is at most.
  private var rounding: [Double]
  /// The marginals at a tree's best, and what of them is not yet on its way to the root.
  private var mass: [Double]
  private var order: [Int32] = []
  /// Whether marginals have left the range of numbers.
  private(set) var isBeyondNumbers = false
  private(set) var pivots = 0

  /// Begins with pairs `start` that form a forest, with positive masses; with each row's cheapest pair if nil.
  init(cost: Matrix, source: PenalizedSide, target: PenalizedSide, start: [PlanEntry]? = nil) {
    (self.cost, self.source, self.target, n) = (cost, source, target, cost.rows)
    let count = cost.rows + cost.columns
    first = [Int32](repeating: -1, count: count)
    (up, depth) = (first, first)
    tree = [Int](repeating: -1, count: count)
    potential = [Double](repeating: 0, count: count)
    (rounding, mass) = (potential, potential)
    order.reserveCapacity(count)
    for node in 0..<count where !takesPart(node) { potential[node] = -.infinity }
    for entry in start ?? cheapest { add(entry.row, entry.column, entry.mass) }
    settle((0..<count).filter { takesPart($0) })
    attachColumns()
  }

  private func takesPart(_ node: Int) -> Bool { node < n ? source.takesPart(node) : target.takesPart(node - n) }

  private func idlePotential(_ node: Int) -> Double {
    node < n ? source.idlePotential(node) : target.idlePotential(node - n)
  }

  /// Each row's cheapest column.
  private var cheapest: [PlanEntry] {
    let columns = (0..<cost.columns).filter { target.takesPart($0) }
    return (0..<n).compactMap { i in
      guard source.takesPart(i), let best = columns.min(by: { cost[i, $0] < cost[i, $1] }),
        cost[i, best] < source.idlePotential(i)
      else {
        return nil
      }
      return PlanEntry(row: i, column: best, mass: max(source.weights[i], 1e-300))
    }
  }

  /// Gives columns without mass to the rows that are best for them.
  private mutating func attachColumns() {
    for j in 0..<cost.columns where target.takesPart(j) && first[n + j] < 0 {
      var (best, least) = (-1, target.idlePotential(j))
      for i in 0..<n where source.takesPart(i) && cost[i, j] < .infinity && cost[i, j] - potential[i] < least {
        (best, least) = (i, cost[i, j] - potential[i])
      }
      if best >= 0 { enter(best, j) }
    }
  }

  /// The pairs with mass.
  var entries: [PlanEntry] {
    arcs.filter(\.isUsed).map { PlanEntry(row: Int($0.row), column: Int($0.column), mass: $0.flow) }
      .sorted { ($0.row, $0.column) < ($1.row, $1.column) }
  }

  /// g, −∞ where a column takes no part.
  var columnPotentials: [Double] { Array(potential[n...]) }

  /// Pivots once through all rows: of each the pair of the most negative reduced cost enters.
  ///
  /// - Returns: how many pairs have entered and stayed, or turned a cycle.
  mutating func sweep() -> Int {
    var count = 0
    for row in 0..<n where source.takesPart(row) && !isBeyondNumbers {
      guard let column = entering(row) else { continue }
      if enter(row, column) { count += 1 }
    }
    return count
  }

  private func entering(_ row: Int) -> Int? {
    var index = -1
    let bound = potential[row] - rounding[row]
    cost.withUnsafeElements { elements in
      potential.withUnsafeBufferPointer { potential in
        guard let start = potential.baseAddress else { return }
        _ = ck_minimum_difference(elements + row * cost.columns, start + n, cost.columns, bound, &index)
      }
    }
    guard index >= 0 else { return nil }
    let price = cost[row, index]
    return price - potential[n + index] < bound - rounding[n + index] - 0x1p-51 * abs(price) ? index : nil
  }

  @discardableResult
  private mutating func enter(_ row: Int, _ column: Int) -> Bool {
    pivots += 1
    let (i, j) = (row, n + column)
    if tree[i] == tree[j] { return turn(i, j) }
    let arc = add(row, column, 0)
    settle([root(of: i)])
    return arcs[arc].isUsed && Int(arcs[arc].row) == row && Int(arcs[arc].column) == column
  }

  /// Moves mass to a new pair and around the cycle that it closes, until another pair of it is empty.
  private mutating func turn(_ i: Int, _ j: Int) -> Bool {
    var (a, b) = (i, j)
    // Pairs that lose mass, and those that gain it.
    var (losing, gaining) = ([Int](), [Int]())
    func step(_ node: inout Int, losesAtRow: Bool) {
      let arc = Int(up[node])
      if (node < n) == losesAtRow { losing.append(arc) } else { gaining.append(arc) }
      node = other(arc, node)
    }
    while depth[a] > depth[b] { step(&a, losesAtRow: true) }
    while depth[b] > depth[a] { step(&b, losesAtRow: false) }
    while a != b {
      step(&a, losesAtRow: true)
      step(&b, losesAtRow: false)
    }
    let amount = losing.reduce(Double.infinity) { min($0, arcs[$1].flow) }
    var ends = [root(of: a)]
    for arc in gaining { arcs[arc].flow += amount }
    for arc in losing {
      arcs[arc].flow -= amount
      if arcs[arc].flow <= 0 {
        ends += [Int(arcs[arc].row), n + Int(arcs[arc].column)]
        remove(arc)
      }
    }
    add(i, j - n, amount)
    settle(ends)
    return true
  }

  // MARK: Arcs

  @discardableResult
  private mutating func add(_ row: Int, _ column: Int, _ flow: Double) -> Int {
    let (i, j) = (row, n + column)
    var arc = Arc(row: Int32(row), column: Int32(column), flow: flow)
    arc.after = (first[i], first[j])
    let index: Int
    if let free = unused.popLast() {
      index = Int(free)
      arcs[index] = arc
    } else {
      index = arcs.count
      arcs.append(arc)
    }
    if first[i] >= 0 { arcs[Int(first[i])].before.0 = Int32(index) }
    if first[j] >= 0 { arcs[Int(first[j])].before.1 = Int32(index) }
    first[i] = Int32(index)
    first[j] = Int32(index)
    return index
  }

  private mutating func remove(_ index: Int) {
    let arc = arcs[index]
    if arc.before.0 >= 0 { arcs[Int(arc.before.0)].after.0 = arc.after.0 } else { first[Int(arc.row)] = arc.after.0 }
    if arc.after.0 >= 0 { arcs[Int(arc.after.0)].before.0 = arc.before.0 }
    if arc.before.1 >= 0 {
      arcs[Int(arc.before.1)].after.1 = arc.after.1
    } else {
      first[n + Int(arc.column)] = arc.after.1
    }
    if arc.after.1 >= 0 { arcs[Int(arc.after.1)].before.1 = arc.before.1 }
    arcs[index].isUsed = false
    unused.append(Int32(index))
  }

  private func other(_ arc: Int, _ node: Int) -> Int { node < n ? n + Int(arcs[arc].column) : Int(arcs[arc].row) }

  private func root(of node: Int) -> Int {
    var node = node
    while up[node] >= 0 { node = other(Int(up[node]), node) }
    return node
  }

  // MARK: The best plan on each tree

  /// Brings the trees of some nodes to their best.
  private mutating func settle(_ nodes: [Int]) {
    let begin = trees
    var pending = nodes
    while let node = pending.popLast(), !isBeyondNumbers {
      if tree[node] >= begin { continue }
      visit(from: node)
      if order.count == 1 {
        potential[node] = idlePotential(node)
        (rounding[node], mass[node]) = (potential[node] < .infinity ? 0x1p-51 * abs(potential[node]) : 0, 0)
        continue
      }
      balance()
      let heaviest = heaviest
      if mass[node] < 0.1 * mass[heaviest] || isFixed(node) {
        visit(from: heaviest)
        balance()
      }
      if let ends = advance() {
        for node in order { tree[Int(node)] = -1 }
        pending += ends
      }
    }
  }

  private func isFixed(_ node: Int) -> Bool { node < n ? source.isFixed : target.isFixed }

  /// Where the rounding of all flows ends up: a heavy node, which does not feel it, of a side that is not prescribed.
  private var heaviest: Int {
    var best = -1
    for index in order where !isFixed(Int(index)) && (best < 0 || mass[Int(index)] > mass[best]) { best = Int(index) }
    return best
  }

  /// Goes through a tree from a node, which becomes its root, and sets the potentials as if that of the root were 0.
  private mutating func visit(from root: Int) {
    order.removeAll(keepingCapacity: true)
    order.append(Int32(root))
    (up[root], depth[root], tree[root]) = (-1, 0, trees)
    (potential[root], rounding[root]) = (0, 0)
    var position = 0
    while position < order.count {
      let node = Int(order[position])
      position += 1
      let isRow = node < n
      var index = first[node]
      while index >= 0 {
        let arc = arcs[Int(index)]
        if index != up[node] {
          let child = isRow ? n + Int(arc.column) : Int(arc.row)
          let price = cost[Int(arc.row), Int(arc.column)]
          potential[child] = price - potential[node]
          rounding[child] = rounding[node] + 0x1p-52 * abs(potential[child])
          (up[child], depth[child], tree[child]) = (index, depth[node] + 1, trees)
          order.append(Int32(child))
        }
        index = isRow ? arc.after.0 : arc.after.1
      }
    }
    trees += 1
  }

  /// Moves the constant between f and g of the tree that was visited to where both sides have the same mass, and sets
  /// the marginals.
  private mutating func balance() {
    let rates = (source.isFixed ? 0 : 1 / source.rho, target.isFixed ? 0 : 1 / target.rho)
    let shift: Double
    if source.penalty == .kl {
      var tops = (-Double.infinity, -Double.infinity)
      for index in order {
        let node = Int(index)
        if node < n {
          mass[node] = source.logMass(node, potential[node])
          tops.0 = max(tops.0, mass[node])
        } else {
          mass[node] = target.logMass(node - n, potential[node])
          tops.1 = max(tops.1, mass[node])
        }
      }
      var sums = (0.0, 0.0)
      for index in order {
        let node = Int(index)
        mass[node] = exp(mass[node] - (node < n ? tops.0 : tops.1))
        if node < n { sums.0 += mass[node] } else { sums.1 += mass[node] }
      }
      shift = (tops.0 - tops.1 + log(sums.0 / sums.1)) / (rates.0 + rates.1)
      let scales = (exp(tops.0 - shift * rates.0), exp(tops.1 + shift * rates.1))
      for index in order { mass[Int(index)] *= Int(index) < n ? scales.0 : scales.1 }
      isBeyondNumbers = isBeyondNumbers || !(scales.0 < 1e200 && scales.1 < 1e200)
    } else {
      var (sums, counts) = ((0.0, 0.0), (0.0, 0.0))
      for index in order {
        let node = Int(index)
        if node < n {
          sums.0 += source.signedMass(node, potential[node])
          counts.0 += 1
        } else {
          sums.1 += target.signedMass(node - n, potential[node])
          counts.1 += 1
        }
      }
      shift = (sums.0 - sums.1) / (counts.0 * rates.0 + counts.1 * rates.1)
      for index in order {
        let node = Int(index)
        mass[node] =
          node < n
          ? source.signedMass(node, potential[node] + shift) : target.signedMass(node - n, potential[node] - shift)
      }
      isBeyondNumbers = isBeyondNumbers || !(abs(shift) < 1e200)
    }
    let own = 0x1p-51 * abs(shift)
    for index in order {
      let node = Int(index)
      potential[node] += node < n ? shift : -shift
      rounding[node] += own
    }
  }

  /// Goes towards the flows that the marginals ask for, to them where all are positive.
  ///
  /// - Returns: the ends of pairs that are empty and have left; nil where there are none.
  private mutating func advance() -> [Int]? {
    var share = 1.0
    var isFull = true
    var position = order.count - 1
    while position > 0 {
      let node = Int(order[position])
      let index = Int(up[node])
      let wanted = mass[node]
      arcs[index].wanted = wanted
      mass[other(index, node)] -= wanted
      if wanted <= 0 {
        isFull = false
        let flow = arcs[index].flow
        share = min(share, flow > 0 ? flow / (flow - wanted) : 0)
      }
      position -= 1
    }
    if isFull {
      for index in order.dropFirst() { arcs[Int(up[Int(index)])].flow = arcs[Int(up[Int(index)])].wanted }
      return nil
    }
    var ends: [Int] = []
    for node in order.dropFirst() {
      let index = Int(up[Int(node)])
      let (flow, wanted) = (arcs[index].flow, arcs[index].wanted)
      let isBlocking = wanted <= 0 && (flow > 0 ? flow / (flow - wanted) : 0) <= share
      let next = flow + share * (wanted - flow)
      if isBlocking || next <= 0 {
        ends += [Int(arcs[index].row), n + Int(arcs[index].column)]
        remove(index)
      } else {
        arcs[index].flow = next
      }
    }
    return ends
  }
}

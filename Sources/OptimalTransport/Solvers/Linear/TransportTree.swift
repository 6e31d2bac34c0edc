import CKernels
import LinearAlgebra

/// The network simplex's tree at work. Nodes 0..<n are sources and n..<n+m sinks; each node but the root knows the flow on the arc to its
/// parent, which leads from a source to a sink whichever of the two the parent is.
struct TransportTree {
  private let cost: Matrix
  private let masses: WholeMasses
  private let n: Int
  private let root: Int
  private var parent: [Int]
  private var depth: [Int]
  private var flow: [Int]
  private var firstChild: [Int]
  private var nextSibling: [Int]
  private var previousSibling: [Int]
  /// f of the sources.
  private var f: [Double]
  /// g of the sinks; −∞ where there is no mass, so that pricing passes over them.
  private var g: [Double]
  /// What a reduced cost must fall below to count as negative: the rounding of sums along the tree.
  private let tolerance: Double

  init(_ basis: TransportBasis, cost: Matrix) {
    self.cost = cost
    masses = basis.masses
    n = cost.rows
    let count = n + cost.columns
    root = n + (basis.masses.target.lastIndex { $0 > 0 } ?? 0)
    parent = [Int](repeating: -1, count: count)
    depth = [Int](repeating: 0, count: count)
    flow = [Int](repeating: 0, count: count)
    firstChild = [Int](repeating: -1, count: count)
    nextSibling = firstChild
    previousSibling = firstChild
    f = [Double](repeating: 0, count: n)
    g = [Double](repeating: -.infinity, count: cost.columns)
    tolerance = 4e-14 * cost.elements.reduce(0) { max($0, abs($1)) }
    plant(basis.arcs)
  }

  private func isSource(_ node: Int) -> Bool { node < n }

  /// Hangs the arcs under the root.
  private mutating func plant(_ arcs: [TransportBasis.Arc]) {
    var neighbours = [[(node: Int, flow: Int)]](repeating: [], count: parent.count)
    for arc in arcs {
      neighbours[arc.row].append((n + arc.column, arc.flow))
      neighbours[n + arc.column].append((arc.row, arc.flow))
    }
    g[root - n] = 0
    var pending = [root]
    while let node = pending.popLast() {
      for (child, amount) in neighbours[node] where child != parent[node] {
        hang(child, under: node)
        flow[child] = amount
        depth[child] = depth[node] + 1
        setPotential(child)
        pending.append(child)
      }
    }
  }

  private mutating func hang(_ child: Int, under node: Int) {
    parent[child] = node
    previousSibling[child] = -1
    nextSibling[child] = firstChild[node]
    if firstChild[node] >= 0 { previousSibling[firstChild[node]] = child }
    firstChild[node] = child
  }

  private mutating func cut(_ child: Int) {
    let (before, after) = (previousSibling[child], nextSibling[child])
    if before >= 0 { nextSibling[before] = after } else { firstChild[parent[child]] = after }
    if after >= 0 { previousSibling[after] = before }
  }

  /// Makes the arc to the parent tight.
  private mutating func setPotential(_ node: Int) {
    if isSource(node) {
      f[node] = cost[node, parent[node] - n] - g[parent[node] - n]
    } else {
      g[node - n] = cost[parent[node], node - n] - f[parent[node]]
    }
  }

  /// Pivots until no reduced cost is negative.
  mutating func pivot(atMost limit: Int) -> (isOptimal: Bool, pivots: Int) {
    let rows = masses.source.indices.filter { masses.source[$0] > 0 }
    var (pivots, position, clean) = (0, 0, 0)
    while clean < rows.count {
      let row = rows[position]
      position = position + 1 == rows.count ? 0 : position + 1
      guard let column = entering(row) else {
        clean += 1
        continue
      }
      clean = 0
      if pivots == limit { return (false, pivots) }
      enter(row, column)
      pivots += 1
    }
    return (true, pivots)
  }

  /// The column of the most negative reduced cost in a row.
  private func entering(_ row: Int) -> Int? {
    var index = -1
    let least = cost.withUnsafeElements { elements in
      g.withUnsafeBufferPointer { g in
        g.baseAddress.map { ck_minimum_difference(elements + row * cost.columns, $0, cost.columns, &index) } ?? .infinity
      }
    }
    return least < f[row] - tolerance ? index : nil
  }

  private mutating func enter(_ row: Int, _ column: Int) {
    let (first, second) = (row, n + column)
    let apex = apex(of: first, second)
    // The leaving arc is the last of the least flows against the cycle, walked from the apex down to the source and up from the sink:
    // then arcs without flow keep pointing to the root (Cunningham).
    var (leaving, amount, isBelowFirst) = (-1, Int.max, true)
    var node = first
    while node != apex {
      if isSource(node), flow[node] < amount { (leaving, amount) = (node, flow[node]) }
      node = parent[node]
    }
    node = second
    while node != apex {
      if !isSource(node), flow[node] <= amount { (leaving, amount, isBelowFirst) = (node, flow[node], false) }
      node = parent[node]
    }
    push(amount, from: first, to: apex, against: true)
    push(amount, from: second, to: apex, against: false)
    let (inner, outer) = isBelowFirst ? (first, second) : (second, first)
    let change = cost[row, column] - f[row] - g[column]
    turn(inner, upTo: leaving)
    hang(inner, under: outer)
    flow[inner] = amount
    shift(inner, by: isSource(inner) ? change : -change)
  }

  private func apex(of first: Int, _ second: Int) -> Int {
    var (a, b) = (first, second)
    while depth[a] > depth[b] { a = parent[a] }
    while depth[b] > depth[a] { b = parent[b] }
    while a != b { (a, b) = (parent[a], parent[b]) }
    return a
  }

  /// Changes the flows of a path to the apex: on the source's side arcs out of sources lose, on the sink's side arcs into sinks do.
  private mutating func push(_ amount: Int, from start: Int, to apex: Int, against sources: Bool) {
    var node = start
    while node != apex {
      flow[node] += isSource(node) == sources ? -amount : amount
      node = parent[node]
    }
  }

  /// Turns the arcs from a node up to the leaving one, whose arc is dropped, so that the part that was cut off hangs from the node.
  private mutating func turn(_ node: Int, upTo leaving: Int) {
    var (child, below, carried) = (node, -1, 0)
    while true {
      let (above, amount) = (parent[child], flow[child])
      cut(child)
      if below >= 0 {
        hang(child, under: below)
        flow[child] = carried
      }
      if child == leaving { return }
      (child, below, carried) = (above, child, amount)
    }
  }

  /// Adds to the sources' potentials of a part of the tree and takes from its sinks', and sets the depths.
  private mutating func shift(_ top: Int, by amount: Double) {
    var node = top
    while true {
      depth[node] = depth[parent[node]] + 1
      if isSource(node) { f[node] += amount } else { g[node - n] -= amount }
      if firstChild[node] >= 0 {
        node = firstChild[node]
        continue
      }
      while node != top, nextSibling[node] < 0 { node = parent[node] }
      if node == top { return }
      node = nextSibling[node]
    }
  }

  /// The arcs and their flows.
  var basis: TransportBasis {
    let arcs = parent.indices.filter { parent[$0] >= 0 }.map { node in
      isSource(node)
        ? TransportBasis.Arc(row: node, column: parent[node] - n, flow: flow[node])
        : TransportBasis.Arc(row: parent[node], column: node - n, flow: flow[node])
    }
    return TransportBasis(masses: masses, arcs: arcs)
  }

  /// The potentials, computed anew from the tree; points without mass get the largest that are feasible.
  var feasiblePotentials: (source: [Double], target: [Double]) {
    let fresh = TransportTree(basis, cost: cost)
    var (f, g) = (fresh.f, fresh.g)
    let hasMass = masses.source.map { $0 > 0 }
    for j in g.indices where g[j] == -.infinity {
      g[j] = f.indices.reduce(Double.infinity) { hasMass[$1] ? min($0, cost[$1, j] - f[$1]) : $0 }
    }
    for i in f.indices where !hasMass[i] { f[i] = g.indices.reduce(Double.infinity) { min($0, cost[i, $1] - g[$1]) } }
    return (f, g)
  }
}

import CKernels
import LinearAlgebra

/// The spanning tree of the network simplex with its flows and potentials.
///
/// Nodes 0..<n are sources and n..<n+m are sinks. Each node except the root stores the flow on the arc to its parent;
/// arcs lead from sources to sinks in either case.
///
/// Reduced costs are judged in one of two ways. In double precision, only values beyond the rounding error count as
/// negative; this is fast, but leaves the tree suboptimal if costs are large. Exact pricing continues until no
/// reduced cost is negative; then the tree is optimal.
struct SimplexTree {
  enum Pricing { case rounded, exact }

  private let cost: Matrix
  private let masses: WholeMasses
  private let n: Int
  private let root: Int
  /// The data that a pivot traverses, stored together in less than a cache line per node.
  private struct Node {
    var parent: Int32 = -1
    var depth: Int32 = 0
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
    var previousSibling: Int32 = -1
    /// The flow on the arc to the parent.
    var flow = 0
  }

  private var nodes: [Node]
  /// The potentials f of the sources and then g of the sinks; empty if pricing is exact.
  ///
  /// A sink without mass has −∞, so that pricing skips it.
  private var potential: [Double] = []
  /// The bound below which a reduced cost counts as negative: the rounding error of sums along the tree.
  private var tolerance = 0.0
  private var exact: ExactPotentials?

  /// Builds the tree of a basis.
  ///
  /// - Parameters:
  ///   - basis: the arcs and flows.
  ///   - cost: the cost; finite if pricing is rounded.
  ///   - pricing: how reduced costs are judged.
  init(_ basis: TransportBasis, cost: Matrix, pricing: Pricing) {
    self.cost = cost
    masses = basis.masses
    n = cost.rows
    root = n + (basis.masses.target.lastIndex { $0 > 0 } ?? 0)
    nodes = [Node](repeating: Node(), count: n + cost.columns)
    switch pricing {
    case .rounded:
      potential = [Double](repeating: 0, count: n) + [Double](repeating: -.infinity, count: cost.columns)
      tolerance = 4e-14 * cost.elements.reduce(0) { max($0, abs($1)) }
    case .exact: exact = ExactPotentials(cost: cost)
    }
    build(basis.arcs)
  }

  private func isSource(_ node: Int) -> Bool { node < n }

  /// Builds the tree from its arcs, starting at the root.
  private mutating func build(_ arcs: [TransportBasis.Arc]) {
    var neighbors = [[(node: Int, flow: Int)]](repeating: [], count: nodes.count)
    for arc in arcs {
      neighbors[arc.row].append((n + arc.column, arc.flow))
      neighbors[n + arc.column].append((arc.row, arc.flow))
    }
    if let exact { exact.root(root) } else { potential[root] = 0 }
    var pending = [root]
    while let node = pending.popLast() {
      for (child, amount) in neighbors[node] where child != Int(nodes[node].parent) {
        attach(child, under: node)
        nodes[child].flow = amount
        nodes[child].depth = nodes[node].depth + 1
        setPotential(child)
        pending.append(child)
      }
    }
  }

  private mutating func attach(_ child: Int, under node: Int) {
    let next = nodes[node].firstChild
    nodes[child].parent = Int32(node)
    nodes[child].previousSibling = -1
    nodes[child].nextSibling = next
    if next >= 0 { nodes[Int(next)].previousSibling = Int32(child) }
    nodes[node].firstChild = Int32(child)
  }

  private mutating func detach(_ child: Int) {
    let node = nodes[child]
    if node.previousSibling >= 0 {
      nodes[Int(node.previousSibling)].nextSibling = node.nextSibling
    } else {
      nodes[Int(node.parent)].firstChild = node.nextSibling
    }
    if node.nextSibling >= 0 { nodes[Int(node.nextSibling)].previousSibling = node.previousSibling }
  }

  private func parent(_ node: Int) -> Int { Int(nodes[node].parent) }

  /// Sets the potential of a node so that the arc to its parent has reduced cost 0.
  private mutating func setPotential(_ node: Int) {
    let parent = parent(node)
    if let exact { return exact.tighten(node, to: parent) }
    potential[node] = (isSource(node) ? cost[node, parent - n] : cost[parent, node - n]) - potential[parent]
  }

  /// Pivots until no reduced cost is negative or the limit is reached.
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
      performPivot(row, column)
      pivots += 1
    }
    return (true, pivots)
  }

  /// The column of the most negative reduced cost in a row.
  ///
  /// Pricing more rows per pivot would save pivots, but costs more time than it saves.
  private func entering(_ row: Int) -> Int? {
    if let exact { return exact.entering(row) }
    var index = -1
    let bound = potential[row] - tolerance
    cost.withUnsafeElements { elements in
      potential.withUnsafeBufferPointer { potential in
        guard let start = potential.baseAddress else { return }
        _ = ck_minimum_difference(elements + row * cost.columns, start + n, cost.columns, bound, &index)
      }
    }
    return index >= 0 ? index : nil
  }

  private mutating func performPivot(_ row: Int, _ column: Int) {
    let (first, second) = (row, n + column)
    let apex = apex(of: first, second)
    // The leaving arc is the last arc of minimal flow against the cycle, walked from the apex down to the source and
    // up from the sink. This keeps arcs without flow directed toward the root (Cunningham's rule).
    var (leaving, amount, isBelowFirst) = (-1, Int.max, true)
    var node = first
    while node != apex {
      if isSource(node), nodes[node].flow < amount { (leaving, amount) = (node, nodes[node].flow) }
      node = parent(node)
    }
    node = second
    while node != apex {
      if !isSource(node), nodes[node].flow <= amount {
        (leaving, amount, isBelowFirst) = (node, nodes[node].flow, false)
      }
      node = parent(node)
    }
    push(amount, from: first, to: apex, against: true)
    push(amount, from: second, to: apex, against: false)
    let (inner, outer) = isBelowFirst ? (first, second) : (second, first)
    let change = exact == nil ? cost[row, column] - potential[first] - potential[second] : 0
    reroot(inner, upTo: leaving)
    attach(inner, under: outer)
    nodes[inner].flow = amount
    if let exact {
      Self.shift(&nodes, exact, sources: n, from: inner)
    } else {
      Self.shift(&nodes, &potential, sources: n, from: inner, by: isSource(inner) ? change : -change)
    }
  }

  private func apex(of first: Int, _ second: Int) -> Int {
    var (a, b) = (first, second)
    while nodes[a].depth > nodes[b].depth { a = parent(a) }
    while nodes[b].depth > nodes[a].depth { b = parent(b) }
    while a != b { (a, b) = (parent(a), parent(b)) }
    return a
  }

  /// Pushes flow along the path to the apex: on the source's side arcs out of sources lose flow, on the sink's side
  /// arcs into sinks do.
  private mutating func push(_ amount: Int, from start: Int, to apex: Int, against sources: Bool) {
    var node = start
    while node != apex {
      nodes[node].flow += isSource(node) == sources ? -amount : amount
      node = parent(node)
    }
  }

  /// Reroots the detached subtree: reverses the arcs from a node up to the leaving arc, which is removed.
  private mutating func reroot(_ node: Int, upTo leaving: Int) {
    var (child, below, carried) = (node, -1, 0)
    while true {
      let (above, amount) = (parent(child), nodes[child].flow)
      detach(child)
      if below >= 0 {
        attach(child, under: below)
        nodes[child].flow = carried
      }
      if child == leaving { return }
      (child, below, carried) = (above, child, amount)
    }
  }

  /// Adds an amount to the source potentials of a subtree, subtracts it from its sink potentials, and sets the
  /// depths.
  ///
  /// This is most of the work of a pivot, so bounds are not checked.
  private static func shift(
    _ nodes: inout [Node], _ potential: inout [Double], sources: Int, from top: Int, by amount: Double
  ) {
    nodes.withUnsafeMutableBufferPointer { nodes in
      potential.withUnsafeMutableBufferPointer { potential in
        visit(nodes, from: top) { potential[$0] += $0 < sources ? amount : -amount }
      }
    }
  }

  /// Shifts the exact potentials of a subtree by the reduced cost that was found last, and sets the depths.
  private static func shift(_ nodes: inout [Node], _ exact: ExactPotentials, sources: Int, from top: Int) {
    let isSource = top < sources
    nodes.withUnsafeMutableBufferPointer { nodes in
      visit(nodes, from: top) { exact.shift($0, isNegated: ($0 < sources) != isSource) }
    }
  }

  /// Visits the nodes of a subtree and sets their depths.
  @inline(__always)
  private static func visit(_ nodes: UnsafeMutableBufferPointer<Node>, from top: Int, _ body: (Int) -> Void) {
    var node = top
    while true {
      nodes[node].depth = nodes[Int(nodes[node].parent)].depth + 1
      body(node)
      if nodes[node].firstChild >= 0 {
        node = Int(nodes[node].firstChild)
        continue
      }
      while node != top, nodes[node].nextSibling < 0 { node = Int(nodes[node].parent) }
      if node == top { return }
      node = Int(nodes[node].nextSibling)
    }
  }

  /// The arcs of the tree with their flows.
  var basis: TransportBasis {
    let arcs = nodes.indices.filter { nodes[$0].parent >= 0 }.map { node in
      isSource(node)
        ? TransportBasis.Arc(row: node, column: parent(node) - n, flow: nodes[node].flow)
        : TransportBasis.Arc(row: parent(node), column: node - n, flow: nodes[node].flow)
    }
    return TransportBasis(masses: masses, arcs: arcs)
  }

  /// Returns exact feasible potentials, including those of points without mass.
  ///
  /// If the tree is optimal and the potentials are large compared with the costs that its plan pays, they are reduced
  /// as far as possible.
  func feasiblePotentials(of plan: [PlanEntry], isOptimal: Bool) -> ExactPotentials {
    let exact = exact ?? ExactPotentials(cost: cost)
    let paid = plan.reduce(0) { max($0, abs(cost[$1.row, $1.column])) }
    if isOptimal, exact.largest > 1e3 * paid {
      exact.loosen(parts: Self.parts(of: plan, rows: n, columns: cost.columns))
    }
    exact.finish(hasMass: (masses.source.map { $0 > 0 }, masses.target.map { $0 > 0 }))
    return exact
  }

  /// The connected parts of a plan: a number for each source and sink that carries mass.
  static func parts(of plan: [PlanEntry], rows: Int, columns: Int) -> [Int?] {
    var neighbors = [[Int]](repeating: [], count: rows + columns)
    for entry in plan {
      neighbors[entry.row].append(rows + entry.column)
      neighbors[rows + entry.column].append(entry.row)
    }
    var (parts, count) = ([Int?](repeating: nil, count: rows + columns), 0)
    for start in 0..<rows where parts[start] == nil && !neighbors[start].isEmpty {
      parts[start] = count
      var pending = [start]
      while let node = pending.popLast() {
        for next in neighbors[node] where parts[next] == nil {
          parts[next] = count
          pending.append(next)
        }
      }
      count += 1
    }
    return parts
  }
}

import LinearAlgebra

/// Looks for a plan of low value between spaces in which many points are alike to first order, by pinning points to each other.
///
/// The linear cost between points is the squared difference of their signatures. While points of the source are alike, the first of the
/// largest set of such is pinned to a target point whose signature is nearest, and the linear problem is solved anew; symmetric spaces need
/// a pin for each symmetry that is left. Pins after which the linear cost of the best plan is no longer 0 cannot belong to an isometry; the
/// search then goes back to other target points, as algorithms for isomorphisms of graphs do (individualisation and refinement, McKay
/// 1981). Where spaces are not isometric, three target points are tried at each pin and the best is kept. The search ends at a value of
/// zero, when `budget` linear problems are solved (64, less in problems of more than 60,000 pairs, at least 8), or when the monitor says
/// stop.
///
/// It knows nothing of which points belong together, and proves nothing about its answer but that its value is what it is.
struct AnchoredSearch {
  private let a: [Double]
  private let b: [Double]
  /// (1 − α) M, and what signatures count against it.
  private let features: Matrix?
  private let share: Double
  /// What counts as zero, of the objective and of the linear cost.
  private let zero: Double
  private let zeroCost: Double
  private var objective: QuadraticObjective
  private let watch: Watch
  private let most: Int
  private var solved = 0
  private var best: (entries: [PlanEntry], value: Double)?
  private let first: (source: PointSignatures, target: PointSignatures)

  /// Signatures that differ by less, in units of the distances' width, count as equal.
  private static let alike = 1e-7
  /// Target points tried at each pin where spaces are not isometric.
  private static let trials = 3

  /// - Parameters:
  ///   - zero: a value that no other need be looked for below.
  ///   - watch: is asked before each linear problem but the first.
  init(_ problem: QuadraticProblem, zero: Double, watch: Watch) {
    (a, b) = (problem.source.weights, problem.target.weights)
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    let range = OffDiagonalRange([d1, d2])
    let offset = range.isOffset ? range.middle : 0
    let scale = range.width > 0 ? range.width : 1
    // Both have the same coordinates: where one's distances go one way, the other's are looked at both ways too.
    let isSymmetric = [problem.source, problem.target].allSatisfy { space in
      if case .asymmetric = space.geometry { false } else { true }
    }
    func signatures(_ space: MetricMeasureSpace, _ distances: Matrix) -> PointSignatures {
      PointSignatures(
        distances, weights: space.weights, offset: offset, origin: d1[0, 0], scale: scale, isSymmetric: isSymmetric)
    }
    first = (signatures(problem.source, d1), signatures(problem.target, d2))
    features = problem.features.map { features in features.map { $0 * (1 - problem.alpha) } }
    share = problem.alpha * scale * scale
    self.zero = zero
    zeroCost = 1e-10 * compensatedSum(a)
    objective = QuadraticObjective(problem)
    self.watch = watch
    most = min(64, max(8, 4_000_000 / (a.count * b.count)))
  }

  /// The best plan found.
  mutating func solve() throws(ProblemError) -> (entries: [PlanEntry], value: Double)? {
    let cost = Matrix(rows: a.count, columns: b.count)
    var root = Node(source: first.source, target: first.target, cost: cost, counted: 0)
    _ = try evaluate(&root) ? true : try pin(root)
    return best
  }

  private struct Node {
    var source: PointSignatures
    var target: PointSignatures
    /// Σ over coordinates of their squared differences, up to `counted` of them.
    var cost: Matrix
    var counted: Int
    var basis: TransportBasis?
    /// Of the best plan for that cost.
    var leastCost = 0.0
    var value = Double.infinity
  }

  /// Solves the linear problem of a node and keeps its plan if it is the best so far; whether its value is zero.
  private mutating func evaluate(_ node: inout Node) throws(ProblemError) -> Bool {
    solved += 1
    let columns = b.count
    node.cost.withUnsafeMutableElements { cost in
      for position in node.counted..<node.source.coordinates.count {
        let (x, y) = (node.source.coordinates[position], node.target.coordinates[position])
        for (i, own) in x.enumerated() {
          let row = cost + i * columns
          for j in 0..<columns { row[j] += (own - y[j]) * (own - y[j]) }
        }
      }
    }
    node.counted = node.source.coordinates.count
    var cost = node.cost
    if let features {
      cost = Matrix(rows: a.count, columns: columns) { share * node.cost[$0, $1] + features[$0, $1] }
    }
    let linear = try NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b), start: node.basis)
    node.basis = linear.basis
    node.leastCost = compensatedSum(linear.entries.map { node.cost[$0.row, $0.column] * $0.mass })
    node.value = objective.value(of: linear.entries)
    if node.value < best?.value ?? .infinity { best = (linear.entries, node.value) }
    return node.value <= zero
  }

  /// Pins one more point, and goes on from there; whether zero was reached.
  private mutating func pin(_ node: Node) throws(ProblemError) -> Bool {
    guard let point = Self.representative(node.source.labels, a) else { return false }
    let isIsometric = node.leastCost <= zeroCost
    var kept: Node?
    for candidate in candidates(for: point, node, all: isIsometric) {
      if !goesOn { return false }
      var next = node
      next.source = node.source.pinning(point)
      next.target = node.target.pinning(candidate)
      if try evaluate(&next) { return true }
      if isIsometric {
        if next.leastCost <= zeroCost, try pin(next) { return true }
      } else if next.value < kept?.value ?? .infinity {
        kept = next
      }
    }
    guard let kept, goesOn else { return false }
    return try pin(kept)
  }

  /// Whether another linear problem may be solved.
  private var goesOn: Bool { solved < most && watch.goesOn(step: solved, objective: best?.value) }

  /// Target points by rising cost from a point: those within rounding of the least, or the first few.
  private func candidates(for point: Int, _ node: Node, all: Bool) -> [Int] {
    let row = Array(node.cost[row: point])
    let targets = b.indices.filter { b[$0] > 0 }
    let least = targets.reduce(Double.infinity) { min($0, row[$1]) }
    if all { return targets.filter { row[$0] <= least + Self.alike * Self.alike * 100 } }
    let order = targets.sorted { (row[$0], $0) < (row[$1], $1) }
    return Array(order.prefix(Self.trials))
  }

  /// The first point of the largest set of points with mass that are alike; nil when none are.
  private static func representative(_ labels: [Double], _ weights: [Double]) -> Int? {
    let sets = alikeSets(labels, weights)
    guard let largest = sets.map(\.count).max(), largest > 1 else { return nil }
    return sets.first { $0.count == largest }?.min()
  }

  private static func alikeSets(_ labels: [Double], _ weights: [Double]) -> [[Int]] {
    var sets: [[Int]] = []
    for point in weights.indices.filter({ weights[$0] > 0 }).sorted(by: { (labels[$0], $0) < (labels[$1], $1) }) {
      if let last = sets.last?.last, labels[point] - labels[last] <= alike {
        sets[sets.count - 1].append(point)
      } else {
        sets.append([point])
      }
    }
    return sets
  }
}

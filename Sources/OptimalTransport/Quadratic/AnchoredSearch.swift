import LinearAlgebra

/// A search for a plan of low value between spaces with many points that are indistinguishable to first order, by
/// pinning points to each other.
///
/// The linear cost between two points is the squared difference of their signatures. As long as some points of the
/// source have equal signatures, the first point of the largest such group is pinned to a target point with the
/// closest signature, and the linear problem is solved again; symmetric spaces need a pin for each remaining
/// symmetry. If the optimal linear cost becomes positive after a pin, no isometry is compatible with it, and the
/// search backtracks to other target points, as in graph isomorphism algorithms (individualization and refinement;
/// McKay, 1981). If the spaces are not isometric, three target points are tried per pin and the best one is kept. The
/// search ends at value zero, after `budget` linear problems (64, fewer for more than 60,000 pairs, but at least 8),
/// or when the monitor stops it.
///
/// The search is a heuristic: its plan has the stated value but no guarantee of optimality.
struct AnchoredSearch {
  private let a: [Double]
  private let b: [Double]
  /// The feature cost (1 − α) M, to which signature differences are added.
  private let features: Matrix?
  private let share: Double
  /// The threshold below which the objective and the linear cost count as zero.
  private let zero: Double
  private let zeroCost: Double
  private var objective: QuadraticObjective
  private let watch: Watch
  private let most: Int
  private var solved = 0
  private var best: (entries: [PlanEntry], value: Double)?
  private let first: (source: PointSignatures, target: PointSignatures)

  /// The difference of signatures, in units of the range of distances, below which they count as equal.
  private static let alike = 1e-7
  /// The number of target points that are tried per pin if the spaces are not isometric.
  private static let trials = 3

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - problem: the quadratic problem.
  ///   - zero: the value at which the search ends.
  ///   - watch: asked before each linear problem except the first.
  init(_ problem: QuadraticProblem, zero: Double, watch: Watch) {
    (a, b) = (problem.source.weights, problem.target.weights)
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    let range = OffDiagonalRange([d1, d2])
    let offset = range.isOffset ? range.middle : 0
    let scale = range.width > 0 ? range.width : 1
    // Both spaces need the same coordinates: if one is asymmetric, both directions of the other are used as well.
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

  /// Runs the search and returns the best plan that was found.
  mutating func solve() throws(ProblemError) -> (entries: [PlanEntry], value: Double)? {
    let cost = Matrix(rows: a.count, columns: b.count)
    var root = Node(source: first.source, target: first.target, cost: cost, counted: 0)
    _ = try evaluate(&root) ? true : try pin(root)
    return best
  }

  private struct Node {
    var source: PointSignatures
    var target: PointSignatures
    /// The sum of squared differences over the first `counted` coordinates.
    var cost: Matrix
    var counted: Int
    var basis: TransportBasis?
    /// The minimal linear cost of the node.
    var leastCost = 0.0
    var value = Double.infinity
  }

  /// Solves the linear problem of a node, keeps its plan if it is the best so far, and returns whether its value is
  /// zero.
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

  /// Pins one more point and continues from there; returns whether value zero was reached.
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

  /// The target points for a point by increasing cost: all within rounding of the smallest cost, or the first few.
  private func candidates(for point: Int, _ node: Node, all: Bool) -> [Int] {
    let row = Array(node.cost[row: point])
    let targets = b.indices.filter { b[$0] > 0 }
    let least = targets.reduce(Double.infinity) { min($0, row[$1]) }
    if all { return targets.filter { row[$0] <= least + Self.alike * Self.alike * 100 } }
    let order = targets.sorted { (row[$0], $0) < (row[$1], $1) }
    return Array(order.prefix(Self.trials))
  }

  /// The first point of the largest group of indistinguishable points with mass; nil if there is none.
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

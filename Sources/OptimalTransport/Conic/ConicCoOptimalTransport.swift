import LinearAlgebra

/// Conic CO-optimal transport: matches the nodes and hyperedges of two hypernetworks by semi-couplings.
///
/// Mass that matches nothing is destroyed or created. `ConicProblem` states the problem, and `SemiCouplingAscent` the
/// algorithm. The result is never NaN; if no values of the hypernetworks are similar within the range of double
/// precision, all mass is destroyed.
///
///     let problem = try ConicProblem(
///       first: Hypernetwork(values: .dense(x)), second: Hypernetwork(values: .dense(y)), delta: 0.5)
///     let solution = try ConicCoOptimalTransport().solve(problem)
///     print(solution.distance, solution.hyperedges.matching)
///
/// - Complexity: the two kernel sums (`KernelEvaluation`) and 2 · sweeps passes over n1×n2 and d1×d2 numbers per
///   iteration. Memory is eight matrices of these sizes and that of the kernel evaluation.
public struct ConicCoOptimalTransport: Sendable {
  /// The settings of the ascent.
  public var ascent: SemiCouplingAscent

  /// Creates a solver with the given settings of the ascent.
  public init(_ ascent: SemiCouplingAscent = SemiCouplingAscent()) { self.ascent = ascent }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: two hypernetworks and their cone.
  ///   - start: initial plans n1×n2 and d1×d2, each with a positive sum, rescaled to sum 1; the products of the
  ///     masses if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the semi-couplings and the distance.
  /// - Throws: `ProblemError` if a parameter is out of range or the start does not fit.
  public func solve(
    _ problem: ConicProblem, from start: (nodes: Matrix, hyperedges: Matrix)? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicCoOptimalSolution {
    let state = try ConicAscent(problem, ascent, start: start)
    return state.solution(try state.ascend(ascent, monitor: monitor).run)
  }
}

/// The state of an ascent: the points that have mass, and their semi-couplings.
final class ConicAscent {
  typealias Sums = (forward: any KernelSum, backward: any KernelSum)

  private let problem: ConicProblem
  private let evaluation: KernelEvaluation
  /// The indices of the points that have mass.
  private let nodes: (source: [Int], target: [Int])
  private let hyperedges: (source: [Int], target: [Int])
  private let values: (first: Hypernetwork.Values, second: Hypernetwork.Values)
  private(set) var p: SemiCouplingSide
  private(set) var q: SemiCouplingSide
  private var kernelError = 0.0

  init(_ problem: ConicProblem, _ ascent: SemiCouplingAscent, start: (nodes: Matrix, hyperedges: Matrix)?)
    throws(ProblemError)
  {
    try ascent.validate()
    self.problem = problem
    evaluation = ascent.evaluation
    // A mass that is too small for division counts as zero.
    func support(_ weights: [Double]) -> [Int] {
      let least = 1e-150 * compensatedSum(weights)
      return weights.indices.filter { weights[$0] > least }
    }
    let (first, second) = (problem.first, problem.second)
    nodes = (support(first.nodes), support(second.nodes))
    hyperedges = (support(first.hyperedges), support(second.hyperedges))
    func values(_ network: Hypernetwork, _ rows: [Int], _ columns: [Int]) -> Hypernetwork.Values {
      if rows.count == network.nodes.count, columns.count == network.hyperedges.count { return network.values }
      return network.values.selecting(rows: rows, columns: columns)
    }
    self.values = (values(first, nodes.source, hyperedges.source), values(second, nodes.target, hyperedges.target))
    p = try Self.side((first.nodes, second.nodes), nodes, start?.nodes)
    q = try Self.side((first.hyperedges, second.hyperedges), hyperedges, start?.hyperedges)
    if ascent.jitter > 0 {
      var random = SeededGenerator(seed: ascent.seed, stream: "conic start")
      p.disturb(ascent.jitter, &random)
      q.disturb(ascent.jitter, &random)
    }
  }

  private static func side(
    _ masses: (first: [Double], second: [Double]), _ places: (source: [Int], target: [Int]), _ start: Matrix?
  ) throws(ProblemError) -> SemiCouplingSide {
    func scaled(_ weights: [Double], _ places: [Int]) -> [Double] {
      let mass = compensatedSum(weights)
      return places.map { weights[$0] / mass }
    }
    if let start { try ProblemError.validate(start: start, rows: masses.first.count, columns: masses.second.count) }
    let plan = start.map { start in
      let kept = Matrix(rows: places.source.count, columns: places.target.count) {
        start[places.source[$0], places.target[$1]]
      }
      let mass = compensatedSum(kept.elements)
      return kept.map { $0 / mass }
    }
    if let plan, !plan.elements.allSatisfy(\.isFinite) {
      throw .zeroMass(name: "the initial plan between points with mass")
    }
    return SemiCouplingSide(
      source: scaled(masses.first, places.source), target: scaled(masses.second, places.target), start: plan)
  }

  /// Ascends at each δ of the continuation and at the problem's δ, and returns the last run with its kernel sums.
  func ascend(_ ascent: SemiCouplingAscent, monitor: Monitor?) throws(ProblemError) -> (run: Run, sums: Sums) {
    for delta in ascent.continuation { _ = try problem.with(delta: delta) }
    for delta in ascent.continuation {
      let sums = try sums(delta: delta)
      let run = run(sums, delta: delta, ascent, monitor: monitor)
      if run.status == .interrupted { return (run, sums) }
    }
    let sums = try sums(delta: problem.delta)
    return (run(sums, delta: problem.delta, ascent, monitor: monitor), sums)
  }

  /// The kernel sums at a given δ, from hyperedges to nodes and back.
  private func sums(delta: Double) throws(ProblemError) -> Sums {
    let forward = try evaluation.sum(values.first, values.second, kernel: problem.kernel, delta: delta)
    kernelError = forward.error
    if problem.first.isNetwork, problem.second.isNetwork, isSymmetric { return (forward, forward) }
    let backward = try evaluation.sum(
      values.first.transposed, values.second.transposed, kernel: problem.kernel, delta: delta)
    kernelError = max(kernelError, backward.error)
    return (forward, backward)
  }

  private lazy var isSymmetric: Bool = {
    func isSymmetric(_ values: Hypernetwork.Values) -> Bool {
      switch values {
      case .dense(let matrix): matrix == matrix.transposed
      case .adjacency(let graph): graph == graph.transposed
      }
    }
    return isSymmetric(values.first) && isSymmetric(values.second)
  }()

  private func run(_ sums: Sums, delta: Double, _ ascent: SemiCouplingAscent, monitor: Monitor?) -> Run {
    // The rounding error of F near 1.
    let rounding = 1e-15
    var (before, falls) = (Double.infinity, [Double]())
    let scaled = delta == problem.delta ? problem : nil
    return iterate(ascent.stopping, monitor: monitor) { iteration in
      sums.forward.sum(q.root, into: &p.sums)
      p.sweep(ascent.sweeps)
      sums.backward.sum(p.root, into: &q.sums)
      q.sweep(ascent.sweeps)
      let gap = 2 * max(1 - q.similarity, 0)
      falls.append(before == .infinity ? 1 : max(before - gap - rounding, 0) / max(gap, .leastNormalMagnitude))
      before = gap
      return .advanced(
        residual: falls.suffix(ascent.patience).max() ?? 1,
        objective: scaled?.squaredDistance(similarity: q.similarity),
        isSettled: iteration >= ascent.leastIterations && falls.count >= ascent.patience)
    }
  }

  /// F of two semi-couplings, term by term if they have few entries, as permutations do; interpolated sums are off by
  /// 1e-12.
  private func similarity(_ p: SemiCouplingSide, _ q: SemiCouplingSide) -> Double? {
    func count(_ matrix: Matrix) -> Double { Double(matrix.elements.count { $0 > 0 }) }
    let cells = Double(p.root.elements.count + q.root.elements.count)
    guard count(p.root) * count(q.root) <= 4 * cells else { return nil }
    return problem.similarity(values.first.matrix, values.second.matrix, p.root, q.root)
  }

  /// F(P, P) of a semi-coupling that is used for both nodes and hyperedges.
  func similarity(_ side: SemiCouplingSide, _ sums: Sums) -> Double {
    if let similarity = similarity(side, side) { return similarity }
    var m = Matrix(rows: side.source.count, columns: side.target.count)
    sums.forward.sum(side.root, into: &m)
    return m.elements.indices.reduce(0) { $0 + max(m.elements[$1], 0) * side.root.elements[$1] }
  }

  func solution(_ run: Run) -> ConicCoOptimalSolution {
    let scale = (problem.masses.first * problem.masses.second).squareRoot()
    let similarity = similarity(p, q) ?? q.similarity
    return ConicCoOptimalSolution(
      nodes: nodeCoupling(p),
      hyperedges: q.expanded(to: (problem.first.hyperedges, problem.second.hyperedges), from: hyperedges),
      squaredDistance: problem.squaredDistance(similarity: similarity), similarity: scale * similarity,
      kernelError: kernelError,
      status: run.status, iterations: run.iterations, trace: run.trace)
  }

  /// The semi-coupling between the nodes of a side, with the original masses.
  func nodeCoupling(_ side: SemiCouplingSide) -> SemiCoupling {
    side.expanded(to: (problem.first.nodes, problem.second.nodes), from: nodes)
  }
}

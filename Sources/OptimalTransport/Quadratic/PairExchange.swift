import LinearAlgebra

/// Improves one-to-one plans between n points of equal weights by exchanging the partners of two points as long as
/// the value decreases.
///
/// It starts from the given plan and from random matchings: 32, or 2·10⁷/n³ if that is fewer. One-to-one plans are
/// vertices. Between spaces with nearly equal distances each of them is a local minimum along segments, so that
/// gradients do not lead from one to another.
///
/// - Complexity: O(n³) per round over all pairs of points, and at most 50 rounds per matching; nothing is done if n >
///   400
struct PairExchange {
  private let problem: QuadraticProblem
  private let d1: Matrix
  private let d2: Matrix

  private static let mostPoints = 400
  private static let mostRounds = 50
  private static let mostMatchings = 32

  init(_ problem: QuadraticProblem) {
    self.problem = problem
    (d1, d2) = (problem.source.distances, problem.target.distances)
  }

  /// Returns the best plan that was found, or the given plan if it is not one-to-one.
  ///
  /// - Parameters:
  ///   - entries: the entries of the initial plan.
  ///   - watch: asked before each matching except the first.
  /// - Returns: the entries of the best plan.
  func improving(_ entries: [PlanEntry], watch: Watch) -> [PlanEntry] {
    let n = entries.count
    guard n >= 2, n <= Self.mostPoints, let mass = entries.map(\.mass).max(), Set(entries.map(\.row)).count == n,
      Set(entries.map(\.column)).count == n, entries.allSatisfy({ $0.mass > mass * (1 - 1e-9) })
    else { return entries }
    let (rows, columns) = (entries.map(\.row), entries.map(\.column))
    let objective = QuadraticObjective(problem)
    func plan(_ columns: [Int]) -> [PlanEntry] { zip(rows, columns).map { PlanEntry(row: $0, column: $1, mass: mass) } }
    func value(_ columns: [Int]) -> Double { objective.parts(of: plan(columns))?.value ?? .infinity }
    var random = SeededGenerator(seed: 1, stream: "matchings")
    func answer(_ columns: [Int]) -> (columns: [Int], value: Double) {
      let columns = exchanged(rows, columns, mass)
      return (columns, value(columns))
    }
    var search = StartSearch(answer(columns), watch: watch, by: \.value, margin: 1e-12)
    for matching in 0..<min(Self.mostMatchings, 20_000_000 / (n * n * n))
    where watch.goesOn(step: matching + 1, objective: search.best.value) {
      let order = random.permutation(n)
      search.attempt { _ in answer(order.map { columns[$0] }) }
    }
    return plan(search.best.columns)
  }

  /// The column of each row after all improving exchanges.
  private func exchanged(_ rows: [Int], _ start: [Int], _ mass: Double) -> [Int] {
    var columns = start
    for _ in 0..<Self.mostRounds {
      var isImproved = false
      for p in rows.indices {
        for q in 0..<p {
          let (gain, size) = change(p, q, rows, columns, mass)
          if gain < -1e-12 * size {
            columns.swapAt(p, q)
            isImproved = true
          }
        }
      }
      if !isImproved { break }
    }
    return columns
  }

  /// The change of the value by an exchange, and the sum of the magnitudes of its terms.
  private func change(_ p: Int, _ q: Int, _ rows: [Int], _ columns: [Int], _ mass: Double) -> (Double, Double) {
    var (sum, size) = (0.0, 0.0)
    func add(_ i: Int, _ k: Int, _ j: Int, _ l: Int, sign: Double) {
      let difference = d1[i, k] - d2[j, l]
      let term = (problem.proximity?[i, k] ?? 1) * difference * difference
      sum += sign * term
      size += term
    }
    func addAll(_ jp: Int, _ jq: Int, sign: Double) {
      let (ip, iq) = (rows[p], rows[q])
      for r in rows.indices where r != p && r != q {
        add(ip, rows[r], jp, columns[r], sign: sign)
        add(rows[r], ip, columns[r], jp, sign: sign)
        add(iq, rows[r], jq, columns[r], sign: sign)
        add(rows[r], iq, columns[r], jq, sign: sign)
      }
      add(ip, ip, jp, jp, sign: sign)
      add(iq, iq, jq, jq, sign: sign)
      add(ip, iq, jp, jq, sign: sign)
      add(iq, ip, jq, jp, sign: sign)
    }
    addAll(columns[q], columns[p], sign: 1)
    addAll(columns[p], columns[q], sign: -1)
    var (total, magnitude) = (problem.alpha * mass * mass * sum, problem.alpha * mass * mass * size)
    if let features = problem.features {
      let (new, old) = (
        features[rows[p], columns[q]] + features[rows[q], columns[p]],
        features[rows[p], columns[p]] + features[rows[q], columns[q]]
      )
      total += (1 - problem.alpha) * mass * (new - old)
      magnitude += (1 - problem.alpha) * mass * (abs(new) + abs(old))
    }
    return (total, magnitude)
  }
}

import LinearAlgebra

/// The current matching costs of rows or of columns, and the pins among them.
struct PinnedSide {
  private(set) var cost: Matrix
  private var isPinned: [Bool]
  private var isTaken: [Bool]
  private var free: Int
  /// A random order that breaks ties.
  private let rowOrder: [Int]
  private let columnOrder: [Int]

  /// The cost difference that counts as rounding error; costs are sums of squares of numbers of order 1.
  private static let tie = 1e-20

  /// A candidate for the next pin and how clearly its partner is determined.
  struct Candidate {
    let row: Int
    /// The number of partners of minimal cost.
    let ties: Int
    /// By how much the next cost exceeds the minimal one.
    let margin: Double

    func isClearer(than other: Candidate) -> Bool {
      ties < other.ties || ties == other.ties && margin > other.margin * (1 + 1e-9) + PinnedSide.tie
    }
  }

  init(_ cost: Matrix, _ random: inout SeededGenerator) {
    self.cost = cost
    isPinned = [Bool](repeating: false, count: cost.rows)
    isTaken = [Bool](repeating: false, count: cost.columns)
    free = min(cost.rows, cost.columns)
    rowOrder = random.permutation(cost.rows)
    columnOrder = random.permutation(cost.columns)
  }

  /// The free point whose partner is determined most clearly; nil if one side has no free points left.
  var next: Candidate? {
    guard free > 0 else { return nil }
    var best: Candidate?
    let columns = cost.columns
    cost.withUnsafeElements { cost in
      for i in rowOrder where !isPinned[i] {
        let row = cost + i * columns
        var (least, second, ties) = (Double.infinity, Double.infinity, 0)
        for j in 0..<columns where !isTaken[j] { least = min(least, row[j]) }
        for j in 0..<columns where !isTaken[j] {
          if row[j] <= least + Self.tie { ties += 1 } else { second = min(second, row[j]) }
        }
        let candidate = Candidate(row: i, ties: ties, margin: second - least)
        if best.map({ candidate.isClearer(than: $0) }) ?? true { best = candidate }
      }
    }
    return best
  }

  /// The free partner of the given rank by cost, with ties in random order.
  func partner(of candidate: Candidate, rank: Int) -> Int {
    let partners = columnOrder.filter { !isTaken[$0] }
    let values = partners.map { cost[candidate.row, $0] }
    let least = values.min() ?? 0
    // Costs are quantized, so that the last bits do not order what is equal.
    func step(_ value: Double) -> Double { value <= least + Self.tie ? -1 : (value * 1e9).rounded() }
    let order = partners.indices.sorted { (step(values[$0]), $0) < (step(values[$1]), $1) }
    return partners[order[rank % order.count]]
  }

  mutating func pin(_ i: Int, _ j: Int) {
    isPinned[i] = true
    isTaken[j] = true
    free -= 1
  }

  /// Adds (x_k − y_l)² to the cost of k and l.
  mutating func add(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) {
    let columns = cost.columns
    cost.withUnsafeMutableElements { cost in
      y.withUnsafeBufferPointer { y in
        for (k, x) in x.enumerated() {
          let row = cost + k * columns
          for l in 0..<columns { row[l] += (x - y[l]) * (x - y[l]) }
        }
      }
    }
  }
}

import LinearAlgebra

/// A partition of a modality into cells with nearly equal numbers of points, by which plans are compared.
///
/// Each cell is halved at the median of the feature that varies most in it, so that outliers and units do not matter.
struct BalancedCells {
  let count: Int
  /// The cell of each point.
  let cell: [Int]

  /// Partitions points into 2^`halvings` cells.
  init(_ points: Matrix, halvings: Int = 4) {
    var cells = [Array(0..<points.rows)]
    for _ in 0..<halvings {
      cells = cells.flatMap { members -> [[Int]] in
        guard members.count > 1 else { return [members] }
        let axis =
          (0..<points.columns).max { Self.variance(points, members, $0) < Self.variance(points, members, $1) } ?? 0
        let sorted = members.sorted { (points[$0, axis], $0) < (points[$1, axis], $1) }
        let half = sorted.count / 2
        return [Array(sorted.prefix(half)), Array(sorted.dropFirst(half))]
      }
    }
    var cell = [Int](repeating: 0, count: points.rows)
    for (index, members) in cells.enumerated() { for member in members { cell[member] = index } }
    self.cell = cell
    count = cells.count
  }

  private static func variance(_ points: Matrix, _ members: [Int], _ axis: Int) -> Double {
    let mean = members.reduce(0) { $0 + points[$1, axis] } / Double(members.count)
    return members.reduce(0) { $0 + (points[$1, axis] - mean) * (points[$1, axis] - mean) }
  }
}

/// The masses of a plan between the cells of both modalities, with sum 1.
struct CoarsePlan {
  let shares: [Double]

  init(_ plan: Matrix, _ first: BalancedCells, _ second: BalancedCells) {
    var sums = [Double](repeating: 0, count: first.count * second.count)
    for i in 0..<plan.rows {
      let row = first.cell[i] * second.count
      for (j, mass) in plan[row: i].enumerated() { sums[row + second.cell[j]] += mass }
    }
    let total = sums.reduce(0, +)
    shares = total > 0 ? sums.map { $0 / total } : sums
  }

  /// Returns the fraction of mass that differs: 0 for equal plans, 1 for disjoint ones.
  func distance(to other: CoarsePlan) -> Double { absoluteDifference(shares, other.shares) / 2 }

  /// Groups plans to basins: each joins the first basin, in the given order, whose first plan is within the radius,
  /// or founds a new one.
  static func basins(_ plans: [CoarsePlan], order: [Int], radius: Double = 0.25) -> [Int] {
    var founders: [Int] = []
    var result = [Int](repeating: 0, count: plans.count)
    for index in order {
      if let basin = founders.firstIndex(where: { plans[$0].distance(to: plans[index]) <= radius }) {
        result[index] = basin
      } else {
        result[index] = founders.count
        founders.append(index)
      }
    }
    return result
  }
}

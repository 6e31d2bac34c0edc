import LinearAlgebra

/// A few points of a modality far from each other, and the one nearest to each point: what plans are compared by, in place of all of their entries.
struct Landmarks {
  let count: Int
  /// The landmark of each point.
  let nearest: [Int]

  /// Farthest-point sampling from the point nearest to the mean; ties go to the lower index.
  init(_ points: Matrix, count: Int = 20) {
    self.count = min(count, points.rows)
    let mean = points.columnSums.map { $0 / Double(points.rows) }
    var next = (0..<points.rows).min { squaredDistance(points[row: $0], mean[...]) < squaredDistance(points[row: $1], mean[...]) } ?? 0
    var distances = [Double](repeating: .infinity, count: points.rows)
    var nearest = [Int](repeating: 0, count: points.rows)
    for landmark in 0..<self.count {
      let own = points[row: next]
      for point in 0..<points.rows {
        let distance = squaredDistance(points[row: point], own)
        if distance < distances[point] { (distances[point], nearest[point]) = (distance, landmark) }
      }
      next = distances.indices.max { distances[$0] < distances[$1] } ?? 0
    }
    self.nearest = nearest
  }
}

/// The mass of a plan between landmarks, of sum 1.
struct CoarsePlan {
  let shares: [Double]

  init(_ plan: Matrix, _ first: Landmarks, _ second: Landmarks) {
    var sums = [Double](repeating: 0, count: first.count * second.count)
    for i in 0..<plan.rows {
      let row = first.nearest[i] * second.count
      for (j, mass) in plan[row: i].enumerated() { sums[row + second.nearest[j]] += mass }
    }
    let total = sums.reduce(0, +)
    shares = total > 0 ? sums.map { $0 / total } : sums
  }

  /// The share of mass that lies elsewhere: 0 for equal plans, 1 for disjoint ones.
  func distance(to other: CoarsePlan) -> Double { absoluteDifference(shares, other.shares) / 2 }

  /// Which plans belong together: each joins the first basin, in the order given, whose first plan is within the radius, or founds one.
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

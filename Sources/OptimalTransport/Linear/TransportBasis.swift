import LinearAlgebra

/// A basis of the network simplex: a spanning tree of the points that have mass, with the flows on its arcs.
public struct TransportBasis: Sendable {
  struct Arc: Sendable {
    let row: Int
    let column: Int
    let flow: Int
  }

  let masses: WholeMasses
  let arcs: [Arc]

  init(masses: WholeMasses, arcs: [Arc]) {
    self.masses = masses
    self.arcs = arcs
  }

  /// Creates a greedy basis: each source in turn fills its cheapest sinks, at costs reduced by a price of each sink.
  ///
  /// Every mass carries an infinitesimal perturbation, +1 for sources and −1 for sinks; the last sink, the root,
  /// takes the remainder. No two partial sums of masses then agree before the end, so that each step exhausts exactly
  /// one point, the arcs form a tree, and the tree is strongly feasible: arcs without flow point to the root.
  init(greedyFor masses: WholeMasses, cost: Matrix) {
    self.masses = masses
    let rows = masses.source.indices.filter { masses.source[$0] > 0 }
    let columns = masses.target.indices.filter { masses.target[$0] > 0 }
    let prices = Self.estimatedPrices(masses, cost: cost) ?? Self.leastCosts(cost, rows: rows)
    var left = columns.map { (column: $0, mass: masses.target[$0], small: -1) }
    left[left.count - 1].small = rows.count + columns.count - 1
    var arcs: [Arc] = []
    for row in rows {
      var (mass, small) = (masses.source[row], 1)
      while !left.isEmpty {
        var best = 0
        var bestCost = Double.infinity
        for (position, sink) in left.enumerated() {
          let value = cost[row, sink.column] - prices[sink.column]
          if value < bestCost { (best, bestCost) = (position, value) }
        }
        let sink = left[best]
        if (mass, small) < (sink.mass, sink.small) {
          arcs.append(Arc(row: row, column: sink.column, flow: mass))
          left[best].mass -= mass
          left[best].small -= small
          break
        }
        arcs.append(Arc(row: row, column: sink.column, flow: sink.mass))
        mass -= sink.mass
        small -= sink.small
        left.swapAt(best, left.count - 1)
        left.removeLast()
        if mass == 0, small == 0 { break }
      }
    }
    self.arcs = arcs
  }

  private static func leastCosts(_ cost: Matrix, rows: [Int]) -> [Double] {
    (0..<cost.columns).map { column in rows.reduce(Double.infinity) { min($0, cost[$1, column]) } }
  }

  /// Estimates the sinks' potentials from a coarse entropic plan, with ε decreasing to a thousandth of the range of
  /// the cost.
  ///
  /// Scarce sinks get high prices, so that the last sources still find cheap ones; this saves two thirds of the
  /// pivots. The result is nil for problems that are too small to benefit.
  private static func estimatedPrices(_ masses: WholeMasses, cost: Matrix) -> [Double]? {
    let (least, largest) = cost.elements.reduce((Double.infinity, -Double.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    let range = largest - least
    guard cost.elements.count >= mixedPrecisionSize, range > 0 else { return nil }
    let scale = Double(masses.total)
    let weights = [masses.source, masses.target].map { $0.map { Double($0) / scale } }
    let workspace = ScalingWorkspace(source: weights[0], target: weights[1], epsilon: range)
    for share in [1e-2, 2.5e-3, 1e-3] {
      workspace.set(epsilon: share * range, relaxation: .balanced)
      _ = workspace.iterate(cost, stopping: .init(tolerance: 1e-3, iterationLimit: 10))
    }
    let prices = workspace.potentials(cost).target
    return prices.allSatisfy(\.isFinite) ? prices : nil
  }
}

import Foundation
import LinearAlgebra
import OptimalTransport

@testable import SolverCatalogue

// Bounds, embeddings and barycenters as distances, by their definitions.

extension Certificate {
  /// A sentence where a number is not what it should be, to a share of the scale.
  private func differs(_ what: String, _ found: Double?, from wanted: Double, scale: Double, by tolerance: Double = 1e-6) -> [String] {
    guard let found else { return ["there is no \(what)"] }
    return abs(found - wanted) <= tolerance * scale + 1e-290 ? [] : ["\(what) is \(found), but by its definition \(wanted)"]
  }

  /// W_2² between the distances seen from each point, by walking along both distributions, and the linear program over them.
  var thirdLowerBound: [String] {
    guard let d1 = space("D1", "X"), let d2 = space("D2", "Y"), let plan = matrices["plan"] else { return ["the answer has no plan"] }
    let (a, b) = balancedWeights(d1.rows, d2.rows)
    func profile(_ matrix: Matrix, _ row: Int, _ weights: [Double]) -> [(Double, Double)] {
      weights.indices.map { (matrix[row, $0], weights[$0]) }.filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }
    }
    func distance(_ x: [(Double, Double)], _ y: [(Double, Double)]) -> Double {
      var (i, j, sum) = (0, 0, 0.0)
      var (left, right) = (x.first?.1 ?? 0, y.first?.1 ?? 0)
      while i < x.count, j < y.count {
        let mass = min(left, right)
        sum += mass * (x[i].0 - y[j].0) * (x[i].0 - y[j].0)
        (left, right) = (left - mass, right - mass)
        if left <= right { i += 1; if i < x.count { left = x[i].1 + min(left, 0) } } else { j += 1; if j < y.count { right = y[j].1 } }
      }
      return sum
    }
    let cost = Matrix(rows: a.count, columns: b.count) { distance(profile(d1, $0, a), profile(d2, $1, b)) }
    let scale = cost.elements.max() ?? 0
    let paid = zip(cost.elements, plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
    var faults = missed(plan, a, b, by: 1e-9) + differs("value", number("value"), from: paid, scale: scale)
    do {
      let best = try NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b))
      faults += differs("value", number("value"), from: best.value, scale: scale)
    } catch { faults.append("the oracle fails: \(error)") }
    return faults
  }

  var scaling: [String] {
    guard let distances = given("D"), let points = matrices["points"] else { return ["the answer has no points"] }
    let found = Self.distances(points, points, isSquared: false)
    var (stress, size) = (0.0, 0.0)
    for i in 0..<distances.rows {
      for j in 0..<i {
        let wanted = (distances[i, j] + distances[j, i]) / 2
        stress += (found[i, j] - wanted) * (found[i, j] - wanted)
        size += wanted * wanted
      }
    }
    return differs("value", number("value"), from: stress, scale: size)
  }

  var jointScaling: [String] {
    guard let d1 = space("D1", "X"), let d2 = space("D2", "Y"), let plan = matrices["plan"], let z1 = matrices["points_first"],
      let z2 = matrices["points_second"]
    else { return ["the answer has no embedding"] }
    var (value, size) = (0.0, 0.0)
    for (wanted, points) in [(d1, z1), (d2, z2)] {
      let found = Self.distances(points, points, isSquared: false)
      for i in 0..<wanted.rows {
        for j in 0..<wanted.rows {
          let share = 0.5 / Double(wanted.rows * wanted.rows)
          value += share * (found[i, j] - wanted[i, j]) * (found[i, j] - wanted[i, j])
          size += share * wanted[i, j] * wanted[i, j]
        }
      }
    }
    let cost = Self.distances(z1, z2, isSquared: true)
    value += (numericSetting("attraction") ?? 0.3) * zip(cost.elements, plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
    // The stress that is told is that before the last step of the majorization, which lowers it by less than a thousandth.
    guard let told = number("value") else { return ["there is no value"] }
    return value <= told * (1 + 1e-6) + 1e-9 * size && value >= told * 0.9 - 1e-9 * size
      ? [] : ["value is \(told), but by its definition \(value)"]
  }

  var jointEmbedding: [String] {
    guard let first = matrices["first"], let second = matrices["second"], let weight = number("weight"),
      let transport = number("transport_cost"), let left = number("distortion_first"), let right = number("distortion_second")
    else { return ["the answer has no embedding"] }
    let (a, b) = balancedWeights(first.rows, second.rows)
    let value = transport + weight * (left + right)
    var faults = differs("value", number("value"), from: value, scale: abs(transport) + weight * (abs(left) + abs(right)))
    for (name, plan, weights, image) in [("first", first, a, "image_first"), ("second", second, b, "image_second")] {
      let mass = weights.reduce(0, +)
      let error = zip(plan.rowSums, weights).reduce(0) { $0 + abs($1.0 - $1.1) } / mass
      if error > 1e-3 { faults.append("it says converged, but the rows of \(name) are missed by \(error) of the mass") }
      let other = zip(plan.columnSums, vector(image) ?? []).reduce(0) { $0 + abs($1.0 - $1.1) } / mass
      if other > 1e-3 { faults.append("\(image) is not the image of \(name): they differ by \(other) of the mass") }
    }
    return faults
  }

  var distanceBarycenter: [String] {
    guard let distances = matrices["distances"], let p = vector("weights") else { return ["the answer has no distances"] }
    let count = (0..<10).last { matrices["plan\($0)"] != nil }.map { $0 + 1 } ?? 0
    let given = weights("weights", count)
    let total = given.reduce(0, +)
    var (value, scale) = (0.0, 0.0)
    var faults: [String] = []
    for index in 0..<count {
      guard let plan = matrices["plan\(index)"], let own = space("D\(index)", "X\(index)") else { return ["there is no plan \(index)"] }
      faults += missed(plan, p, weights("a\(index)", own.rows), by: 1e-3)
      for i in 0..<plan.rows {
        for j in 0..<plan.columns where plan[i, j] > 0 {
          for k in 0..<plan.rows {
            for l in 0..<plan.columns {
              let difference = distances[i, k] - (own[j, l] + own[l, j]) / 2
              let mass = given[index] / total * plan[i, j] * plan[k, l]
              value += mass * difference * difference
              scale += mass * (distances[i, k] * distances[i, k] + own[j, l] * own[j, l])
            }
          }
        }
      }
    }
    return faults + differs("value", number("value"), from: value, scale: scale)
  }

  var multiMarginal: [String] {
    var (paid, scale) = (0.0, 0.0)
    var faults: [String] = []
    for edge in 0..<9 {
      guard let cost = given("C\(edge)"), let plan = matrices["plan\(edge)"] else { break }
      for (cost, mass) in zip(cost.elements, plan.elements) { (paid, scale) = (paid + cost * mass, scale + abs(cost) * mass) }
      // The chain's next edge shares a node.
      if let next = matrices["plan\(edge + 1)"] {
        let error = zip(plan.columnSums, next.rowSums).reduce(0) { $0 + abs($1.0 - $1.1) } / plan.rowSums.reduce(0, +)
        if error > 1e-6 { faults.append("the plans of the edges \(edge) and \(edge + 1) differ by \(error) of the mass on their node") }
      }
      for (node, sums) in [(edge, plan.rowSums), (edge + 1, plan.columnSums)] where problem.array("a\(node)") != nil {
        let wanted = weights("a\(node)", sums.count)
        let error = zip(sums, wanted).reduce(0) { $0 + abs($1.0 - $1.1) } / wanted.reduce(0, +)
        if error > 1e-6 { faults.append("it says converged, but the weights of node \(node) are missed by \(error) of the mass") }
      }
    }
    return faults + differs("transport_cost", number("transport_cost"), from: paid, scale: scale)
  }
}

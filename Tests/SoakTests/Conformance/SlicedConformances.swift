import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// `sliced`.
enum SlicedConformance: SolverConformance {
  typealias Solver = SlicedSolver

  static let pot = [
    "ot.sliced_wasserstein_distance", "ot.max_sliced_wasserstein_distance", "ot.sliced.sliced_plans",
    "ot.sliced.min_sliced_transport_plan",
    "ot.sliced.expected_sliced_plan",
  ]
  static let choices = [["X", "Y"], ["X", "Y", "directions"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.sliced() }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "exponent": ["exponent=\(draw.pick(["1", "1.25", "2", "2", "7"]))"]
    case "directions": ["directions=\(draw.pick(["1", "3", "17"]))"]
    case "plan": ["plan=\(draw.pick(["none", "cheapest", "mean"]))"]
    case "beta": draw.isSet("plan=mean") && draw.happens(0.7) ? ["beta=\(draw.pick(["0", "1", "1e3", "1e90"]))"] : []
    default: nil
    }
  }
}

/// `sliced-sphere`.
enum SlicedSphereConformance: SolverConformance {
  typealias Solver = SlicedSphereSolver

  static let pot = [
    "ot.sliced_wasserstein_sphere", "ot.sliced_wasserstein_sphere_unif", "ot.semidiscrete_wasserstein2_unif_circle",
  ]
  static let choices = [["X"], ["X", "Y"], ["X", "Y", "directions"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.slicedOnSphere() }

  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool {
    input.isVector && (input.name != "b" || chosen.contains("Y"))
  }

  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? {
    letter == "d" ? draw.pick([2, 2, 3, 5]) : letter == "2k" ? draw.pick([2, 4, 6]) : nil
  }

  /// On a lattice of directions, for ties and antipodes, or anywhere.
  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    guard name == "X" || name == "Y", shape.count == 2 else { return nil }
    let isCoarse = draw.happens(0.5)
    var elements: [Double] = []
    for _ in 0..<shape[0] {
      var point = (0..<shape[1]).map { _ in Double(draw.integer(below: isCoarse ? 3 : 1000)) - (isCoarse ? 1 : 499.5) }
      if point.allSatisfy({ $0 == 0 }) { point[0] = 1 }
      let length = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
      elements += point.map { $0 / length }
    }
    return NumericArray(shape: shape, elements: elements)
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "exponent": draw.holds("Y") ? ["exponent=\(draw.pick(["1", "1.25", "2", "2", "7"]))"] : []
    case "directions": ["directions=\(draw.pick(["1", "3", "17"]))"]
    default: nil
    }
  }
}

extension Certificate {
  /// Each slice by the network simplex, their mean, root and largest; the plan's marginals and cost by definition,
  /// above the clouds' own distance, which lies above each slice.
  fileprivate func sliced() throws -> [String] {
    guard let x = given("X"), let y = given("Y"), let values = vector("values"), let theta = matrices["directions"]
    else {
      return ["the answer has no slices"]
    }
    let (a, b) = balancedWeights(x.rows, y.rows)
    var faults = directionFaults(theta, rows: 1)
    let far = Matrix(rows: x.rows, columns: y.rows) { i, j in
      pow(Self.length((0..<x.columns).map { x[i, $0] - y[j, $0] }), exponent)
    }
    let size = (x.elements + y.elements).map(abs).max() ?? 0
    let mass = a.reduce(0, +)
    let scale = mass * Self.largest(far)
    // Positions are rounded by their size, and the cost by that times its slope.
    let moved = 1e-14 * Double(x.columns) * size
    let rounding = mass * (pow(moved, exponent) + exponent * moved * pow(Self.largest(far), 1 - 1 / exponent))
    for k in values.indices {
      let (u, v) = (x * Array(theta[row: k]), y * Array(theta[row: k]))
      let exact = try exactOracle(Matrix(rows: u.count, columns: v.count) { pow(abs(u[$0] - v[$1]), exponent) }, a, b)
      if !(abs(exact.value - values[k]) <= 1e-9 * scale + rounding) {
        faults.append("slice \(k) is \(values[k]), but the network simplex finds \(exact.value)")
      }
    }
    faults += meansOfSlices(values, scale: scale)
    guard setting("plan") != "none" else { return faults }
    guard let plan = matrices["plan"], let cost = number("plan_cost") else { return faults + ["there is no plan"] }
    let own = try exactOracle(far, a, b).value
    faults += missed(plan, a, b, by: 1e-9) + differs("plan_cost", from: dot(far, plan), scale: scale, by: 1e-9)
    if !(cost >= own - 1e-9 * scale - rounding) {
      faults.append("the plan costs \(cost), less than the optimal \(own)")
    }
    if let most = number("max_value"), !(most <= own + 1e-9 * scale + rounding) {
      faults.append("a slice of \(most) is longer than \(own)")
    }
    return faults
  }

  /// Each slice by the network simplex over lengths of arcs, or against the uniform measure by many points of it.
  fileprivate func slicedOnSphere() throws -> [String] {
    guard let x = given("X"), let values = vector("values"), let planes = matrices["directions"] else {
      return ["the answer has no slices"]
    }
    let y = given("Y")
    let (a, b) = y.map { balancedWeights(x.rows, $0.rows) } ?? (weights("a", x.rows), [])
    let mass = a.reduce(0, +)
    var faults = directionFaults(planes, rows: 2)
    for k in values.indices {
      let (first, second) = (Array(planes[row: 2 * k]), Array(planes[row: 2 * k + 1]))
      func turns(_ points: Matrix) -> [Double] {
        zip(points * first, points * second).map { atan2($1, $0) / (2 * .pi) }
      }
      // What is at a right angle to the plane has any angle.
      let isDefined = [x, y ?? x].allSatisfy { points in
        zip(points * first, points * second).allSatisfy { hypot($0, $1) > 1e-9 }
      }
      if !isDefined { continue }
      if let y {
        let (u, v) = (turns(x), turns(y))
        let cost = Matrix(rows: u.count, columns: v.count) { i, j in
          let way = abs(u[i] - v[j])
          return pow(min(way, 1 - way), exponent)
        }
        let exact = try exactOracle(cost, a, b).value
        if !(abs(exact - values[k]) <= 1e-9 * mass * (Self.largest(cost) + 1e-6)) {
          faults.append("slice \(k) is \(values[k]), but the network simplex finds \(exact)")
        }
      } else {
        let expected = Self.toUniform(turns(x), a)
        if !(abs(expected - values[k]) <= 1e-6 * mass) {
          faults.append("slice \(k) is \(values[k]), by its integral \(expected)")
        }
      }
    }
    return faults + meansOfSlices(values, scale: mass)
  }

  /// min over α of ∫ (F⁻¹(t) − t − α)² dt by a fine sum in each point's stretch.
  private static func toUniform(_ turns: [Double], _ weights: [Double]) -> Double {
    let mass = weights.reduce(0, +)
    let order = turns.indices.sorted { turns[$0] < turns[$1] }
    var (before, sum, squares) = (0.0, 0.0, 0.0)
    for index in order {
      let share = weights[index] / mass
      for step in 0..<2000 {
        let gap = turns[index] - (before + share * (Double(step) + 0.5) / 2000)
        sum += gap * share / 2000
        squares += gap * gap * share / 2000
      }
      before += share
    }
    return mass * (squares - sum * sum)
  }

  private func directionFaults(_ directions: Matrix, rows: Int) -> [String] {
    for i in 0..<directions.rows where abs(Self.length(directions[row: i]) - 1) > 1e-9 {
      return ["direction \(i) is not of length 1"]
    }
    for i in stride(from: 0, to: rows == 2 ? directions.rows : 0, by: 2) {
      if abs(paired(Array(directions[row: i]), Array(directions[row: i + 1]))) > 1e-9 {
        return ["plane \(i / 2) has no right angle"]
      }
    }
    return []
  }

  private func meansOfSlices(_ values: [Double], scale: Double) -> [String] {
    let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
    var faults =
      differs("value", from: mean, scale: scale, by: 1e-12)
      + differs("max_value", from: values.max() ?? 0, scale: scale, by: 1e-12)
    if let value = number("value") {
      faults += differs("distance", from: pow(value, 1 / exponent), scale: pow(value, 1 / exponent), by: 1e-9)
    }
    if values.count > 1, let largest = values.max(), largest > 1e-200 {
      let squares = values.reduce(0) { $0 + ($1 / largest - mean / largest) * ($1 / largest - mean / largest) }
      let error = largest * (squares / Double(values.count * (values.count - 1))).squareRoot()
      faults += differs("standard_error", from: error, scale: largest, by: 1e-9)
    }
    return faults
  }

  /// Where squares may leave the range of numbers.
  private static func length(_ vector: some Collection<Double>) -> Double { vector.reduce(0) { hypot($0, $1) } }
}

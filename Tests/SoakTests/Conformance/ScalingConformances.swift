@testable import SolverCatalogue

/// `smacof`.
enum ScalingConformance: SolverConformance {
  typealias Solver = ScalingSolver

  static let pot: [String] = []
  static let choices = [["D"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.scaling }
}

/// `jmds`.
enum JointScalingConformance: SolverConformance {
  typealias Solver = JointScalingSolver

  static let pot: [String] = []
  static let choices = [["D1", "D2"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.jointScaling }
}

extension Certificate {
  fileprivate var scaling: [String] {
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
    return differs("value", from: stress, scale: size, by: 1e-6)
  }

  fileprivate var jointScaling: [String] {
    guard let d1 = space("D1", "X"), let d2 = space("D2", "Y"), let plan = matrices["plan"],
      let z1 = matrices["points_first"],
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
    // The stress that is told is that before the last step of the majorization, which lowers it by less than a
    // thousandth.
    guard let told = number("value") else { return ["there is no value"] }
    return value <= told * (1 + 1e-6) + 1e-9 * size && value >= told * 0.9 - 1e-9 * size
      ? [] : ["value is \(told), but by its definition \(value)"]
  }
}

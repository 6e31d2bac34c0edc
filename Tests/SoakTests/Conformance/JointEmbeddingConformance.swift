@testable import SolverCatalogue

/// `joint-embedding`.
enum JointEmbeddingConformance: SolverConformance {
  typealias Solver = JointEmbeddingSolver

  static let pot: [String] = []
  static let choices = [["D1", "D2"], ["X", "Y"], ["X", "Y", "DZ"], ["D1", "D2", "Z"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.jointEmbedding }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    let isGiven = draw.holds("DZ") || draw.holds("Z")
    return switch key {
    case "target": ["target=\(isGiven ? "given" : draw.pick(["grid", "torus", "globe"]))"]
    case "rows": isGiven ? [] : ["rows=3", "columns=4"]
    default: nil
    }
  }
}

extension Certificate {
  fileprivate var jointEmbedding: [String] {
    guard let first = matrices["first"], let second = matrices["second"], let weight = number("weight"),
      let transport = number("transport_cost"), let left = number("distortion_first"),
      let right = number("distortion_second"),
      let imageFirst = vector("image_first"), let imageSecond = vector("image_second")
    else { return ["the answer has no embedding"] }
    let (a, b) = balancedWeights(first.rows, second.rows)
    // The transport counts as often as there is mass, as distortions do by their two plans, which may be of single
    // precision.
    let (paid, distorted) = (a.reduce(0, +) * transport, weight * (left + right))
    var faults = differs("value", from: paid + distorted, scale: abs(paid) + abs(distorted), by: 1e-5)
    for (name, plan, weights, image) in [("first", first, a, imageFirst), ("second", second, b, imageSecond)] {
      let mass = weights.reduce(0, +)
      let error = zip(plan.rowSums, weights).reduce(0) { $0 + abs($1.0 - $1.1) } / mass
      if !(error <= 1e-3) {
        faults.append("it says converged, but the rows of \(name) are missed by \(error) of the mass")
      }
      let other = zip(plan.columnSums, image).reduce(0) { $0 + abs($1.0 - $1.1) } / mass
      if !(other <= 1e-3) || image.count != plan.columns {
        faults.append("the image of \(name) differs by \(other) of the mass")
      }
    }
    return faults
  }
}

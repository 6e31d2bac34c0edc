import LinearAlgebra
import OptimalTransport

@testable import SolverCatalogue

/// `map`.
enum MapConformance: SolverConformance {
  typealias Solver = MapSolver

  static let pot: [String] = []
  static let choices = [["X", "Y"]]

  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool {
    input.isVector || input.name == "Z"
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    // Each map has settings of its own.
    guard key == "method" else { return key == "normalize" ? nil : [] }
    switch draw.integer(below: 4) {
    case 0:
      let plan = draw.happens(0.3) ? ["epsilon=\(draw.pick(AdversarialDraw.epsilons))"] : []
      let neighbors = draw.happens(0.3) ? ["neighbors=\(1 + draw.integer(below: 3))"] : []
      return ["method=nearest"] + plan + neighbors + (draw.happens(0.3) ? ["extension=image"] : [])
    case 1:
      let unit = draw.happens(0.2) ? ["epsilonUnit=largest-cost"] : []
      return ["method=entropic", "epsilon=\(draw.pick(AdversarialDraw.epsilons))", "iterations=2000"] + unit
    case 2: return ["method=gaussian"] + (draw.happens(0.3) ? ["ridge=\(draw.pick(["1e-9", "0.1", "1e9"]))"] : [])
    default:
      let sharpness = draw.happens(0.3) ? ["smoothness=\(draw.pick(["0.01", "1", "100"]))"] : []
      return ["method=convex", "ridges=\(1 + draw.integer(below: 6))", "iterations=60", "tolerance=1e-2"] + sharpness
    }
  }

  /// By the definition of each map: images are means of target points, means meet means, and gradients of convex
  /// functions are monotone.
  static func faults(_ certificate: Certificate) throws -> [String] {
    guard let images = certificate.matrices["images"], let x = certificate.problem.array("X")?.matrix,
      let y = certificate.problem.array("Y")?.matrix
    else { return ["images are missing"] }
    let z = certificate.problem.array("Z")?.matrix ?? x
    let spread = (y.elements.max() ?? 0) - (y.elements.min() ?? 0) + y.elements.reduce(0) { max($0, abs($1)) }
    if images.rows != z.rows || images.columns != y.columns { return ["images are \(images.rows)×\(images.columns)"] }
    switch certificate.setting("method") ?? certificate.setting("name") ?? "nearest" {
    case "entropic": return isInBox(images, y, within: 1e-9 * spread) ? [] : ["an image is no mean of target points"]
    case "nearest" where certificate.setting("extension") == "image":
      return isInBox(images, y, within: 1e-9 * spread) ? [] : ["an image is no mean of target points"]
    case "nearest"
    where certificate.problem.array("Z") == nil && certificate.setting("neighbors").map { $0 == "1" } ?? true:
      // Where the map was fitted it is the projection, but for points without mass, whose neighbors' shifts they get.
      let a = certificate.weights("a", x.rows)
      let kept = a.indices.filter { a[$0] > 0 }
      return isInBox(images.selectingRows(kept), y, within: 1e-9 * spread)
        ? [] : ["an image is no mean of target points"]
    case "gaussian" where certificate.problem.array("Z") == nil:
      let (a, b) = certificate.balancedWeights(x.rows, y.rows)
      let (found, expected) = (mean(images, a), mean(y, b))
      let size = spread + x.elements.reduce(0) { max($0, abs($1)) }
      return zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-6 * size }
        ? [] : ["the images' mean \(found) is not \(expected)"]
    case "convex": return isMonotone(z, images) ? [] : ["the map is not monotone"]
    default: return []
    }
  }

  private static func isInBox(_ images: Matrix, _ y: Matrix, within tolerance: Double) -> Bool {
    (0..<y.columns).allSatisfy { k in
      let column = (0..<y.rows).map { y[$0, k] }
      let (low, high) = (column.min() ?? 0, column.max() ?? 0)
      return (0..<images.rows).allSatisfy { images[$0, k] >= low - tolerance && images[$0, k] <= high + tolerance }
    }
  }

  private static func mean(_ points: Matrix, _ weights: [Double]) -> [Double] {
    let mass = weights.reduce(0, +)
    return (0..<points.columns).map { k in (0..<points.rows).reduce(0) { $0 + weights[$1] * points[$1, k] } / mass }
  }

  private static func isMonotone(_ points: Matrix, _ images: Matrix) -> Bool {
    (0..<points.rows).allSatisfy { i in
      (0..<i).allSatisfy { j in
        let parts = (0..<points.columns).map { (points[i, $0] - points[j, $0]) * (images[i, $0] - images[j, $0]) }
        return parts.reduce(0, +) >= -1e-9 * parts.reduce(0) { $0 + abs($1) }
      }
    }
  }
}

import LinearAlgebra

@testable import SolverCatalogue

/// `barycenter-gw`.
enum ImageBarycenterConformance: SolverConformance {
  typealias Solver = ImageBarycenterSolver

  static let pot: [String] = []
  static let choices = [["A"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.imageBarycenter }

  /// One image is hardly ever asked for.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? {
    letter == "s" && draw.happens(0.9) ? 2 + draw.integer(below: 2) : nil
  }

  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    switch name {
    case "A": draw.masses(shape)
    case "weights": draw.masses(shape, zeros: 0.02)
    default: nil
    }
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    guard key == "rho" else { return nil }
    return draw.happens(0.5) ? ["rho=\(draw.pick(["1e-6", "0.1", "1e6"]))"] : []
  }
}

extension Certificate {
  /// Each plan goes from the barycenter to an image, whose masses it keeps where they are prescribed.
  fileprivate var imageBarycenter: [String] {
    guard let images = problem.array("A"), let barycenter = vector("barycenter") else {
      return ["barycenter or images are missing"]
    }
    let size = images.elements.count / images.shape[0]
    var faults: [String] = []
    for index in 0..<images.shape[0] {
      guard let plan = matrices["plan\(index)"], let pixels = vector("pixels\(index)") else {
        return ["plan or pixels \(index) are missing"]
      }
      let mass = plan.elements.reduce(0, +)
      faults += differ(plan.rowSums, barycenter, of: mass, "rows of plan \(index) and the barycenter")
      if setting("rho") != nil { continue }
      let image = images.elements[index * size..<(index + 1) * size]
      let total = image.reduce(0, +)
      let wanted = pixels.map { image[index * size + Int($0)] / total }
      faults += differ(plan.columnSums, wanted, of: mass, "columns of plan \(index) and the image")
    }
    return faults
  }
}

import Datasets
import LinearAlgebra
import OptimalTransport

/// The barycenter on the images' surface, by transport on a star.
struct MultiMarginalBarycenter {
  let support: BarycenterSupport
  let images: [ImageData.Image]
  let weights: [Double]
  let alpha: Double
  let rho: Double
  let threshold: Double

  func answer(_ problem: TreeGromovWassersteinProblem, by solver: TreeGromovWasserstein) throws -> BarycenterAnswer {
    let solution = try solver.solve(problem)
    let center = support.masses(solution.nodeMarginals[0])
    let barycenter = support.surface.image(center)
    let turn = support.surface.kind == .globe ? support.turn(solution.plans[0].matrix, images[0]) : nil
    var arrays: [(name: String, array: NumericArray)] = [
      ("barycenter", NumericArray(barycenter)),
      ("picture", NumericArray(support.surface.picture(barycenter, turned: turn))),
      ("objective", NumericArray(solution.trace.points.compactMap(\.objective))),
      ("diagonal", NumericArray(solution.diagonalValues)),
    ]
    let isLabeled = images.allSatisfy { $0.labels != nil }
    arrays.append(("labelCount", NumericArray([isLabeled ? Double(support.labelCount) : 0])))
    if isLabeled {
      for label in 0..<support.labelCount where support.isFused {
        arrays.append(
          (
            "barycenter-label\(label)",
            NumericArray(support.surface.image(support.masses(solution.nodeMarginals[0], label: label)))
          ))
      }
      for (index, image) in images.enumerated() {
        let plan = solution.plans[index].matrix
        for label in 0..<support.labelCount {
          let own = image.labels?.map { $0 == label ? 1.0 : 0 } ?? []
          let shares = zip(own, image.shares).map { $0 * $1 }
          arrays.append(("image\(index)-label\(label)", NumericArray(support.surface.image(shares, at: image.points))))
          arrays.append(
            ("carried\(index)-label\(label)", NumericArray(support.surface.image(support.masses(plan * own)))))
        }
      }
    }
    let total = weights.reduce(0, +)
    return BarycenterAnswer(
      status: solution.status, value: solution.value, objective: solution.regularizedValue,
      loss: dot(weights, solution.distortions) / total, labelCost: dot(weights, solution.featureCosts),
      mass: solution.mass,
      pixels: center.count { $0 > threshold }, iterations: solution.iterations, trace: solution.trace,
      history: (solution.trace.points.map(\.secondsElapsed), solution.values), arrays: arrays)
  }
}

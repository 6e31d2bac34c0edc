import Documents
import Learning
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `smacof`.
struct ScalingSolver: SolverDescription {
  static let name = "smacof"
  static let family = SolverFamily.embedding
  static let algorithm: Any.Type = MultidimensionalScaling.self
  static let summary =
    "metric multidimensional scaling, min Σ_{i<j} (|x_i − x_j| − D_ij)², by majorization from classical scaling"
  static let inputs = [
    InputDescription("D", "n×n", "symmetric distances"),
    InputDescription("X0", "n×k", "initial points; classical scaling if absent"),
  ]
  static let outputs: Glossary = [
    "value": "the raw stress", "normalized_stress": "the square root of the raw stress divided by Σ D²",
  ]

  private let dimension: Int
  private let stopping: StoppingRule

  init(_ settings: Fields) throws(DocumentError) {
    dimension = try settings.integer("dimension", default: 2, in: 1...1000, about: "dimension of the embedding")
    stopping = try StoppingRule(
      settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 300),
      about: "relative decrease of the stress in one step at which to stop")
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let count = try inputs.rows("D")
    return MemoryNeed(count, count, plans: 6)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let space = try inputs.distances("D")
    let start = try inputs.points("X0")
    if let start, start.rows != space.rows {
      throw inputs.missing("\(space.rows) points in X0, as many as in D (found \(start.rows))")
    }
    let (tolerance, limit) = (stopping.tolerance, stopping.iterationLimit)
    let scaling =
      if let start { MultidimensionalScaling(space, from: start, tolerance: tolerance, iterationLimit: limit) } else {
        MultidimensionalScaling(space, dimension: dimension, tolerance: tolerance, iterationLimit: limit)
      }
    var answer = SolverAnswer(
      status: scaling.isConverged ? .converged : .iterationLimit, iterations: scaling.iterations)
    let square = dot(space.elements, space.elements) / 2
    answer.numbers = [
      ("value", scaling.stress), ("normalized_stress", square > 0 ? (scaling.stress / square).squareRoot() : 0),
    ]
    answer.arrays = [("points", NumericArray(scaling.points))]
    return answer
  }
}

extension ProblemInputs {
  /// Reads a distance matrix, with the checks of a metric measure space.
  func distances(_ name: String) throws -> Matrix {
    guard let matrix = try matrix(name) else { throw missing("\(name) (n×n)") }
    let geometry = DistanceGeometry.symmetric(symmetrized(matrix, name))
    return try MetricMeasureSpace(geometry: geometry, weights: nil, name: name).distances
  }
}

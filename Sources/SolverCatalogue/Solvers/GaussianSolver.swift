import Documents
import LinearAlgebra
import OptimalTransport

/// `gaussian`.
struct GaussianSolver: SolverDescription {
  static let name = "gaussian"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = GaussianTransport.self
  static let summary =
    """
    transport between Gaussians, or those of samples' means and covariances: Bures–Wasserstein distance and linear \
    map, exact
    """
  static let inputs = [
    InputDescription("m1", "d", "source mean; zero when absent"),
    InputDescription("S1", "d×d", "source covariance; or X"),
    InputDescription("m2", "d", "target mean; zero when absent"),
    InputDescription("S2", "d×d", "target covariance; or Y"),
    InputDescription("X", "n×d", "source samples, in place of m1 and S1"),
    InputDescription("Y", "m×d", "target samples, in place of m2 and S2"),
    .sourceWeights, .targetWeights,
  ]
  static let outputs: Glossary = [
    "value": "W₂²", "distance": "W₂, the Bures–Wasserstein distance", "mean_part": "the means' share of the value",
    "covariance_part": "the covariances' share",
    "map_error": "largest element of AΣ₁Aᵀ − Σ₂, as a fraction of that of Σ₂",
  ]

  private let ridge: Double

  init(_ settings: Fields) throws(DocumentError) { ridge = try settings.ridge() }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let d = Double(try inputs.columns(inputs.contains("X") ? "X" : "S1"))
    let samples = Double(try inputs.rows("X") + inputs.rows("Y"))
    return MemoryNeed(numbers: 45 * d * d + 4 * samples * d, problem: "two Gaussians of \(Int(d)) dimensions")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let samples = try inputs.points("X")
    let source = try inputs.gaussian(mean: "m1", covariance: "S1", samples: "X", weights: "a", ridge: ridge)
    let target = try inputs.gaussian(mean: "m2", covariance: "S2", samples: "Y", weights: "b", ridge: ridge)
    let solution = try GaussianTransport().solve(source, target)
    var answer = SolverAnswer(status: .converged, iterations: 0)
    answer.numbers = [
      ("value", solution.value), ("distance", solution.distance), ("mean_part", solution.squaredMeanDistance),
      ("covariance_part", solution.squaredCovarianceDistance),
    ]
    answer.arrays = [("cross_covariance", NumericArray(solution.crossCovariance))]
    if let map = solution.map {
      answer.numbers.append(("map_error", solution.mapError))
      answer.arrays += [("map", NumericArray(map.slope)), ("offset", NumericArray(map.offset))]
      if let samples { answer.arrays.append(("mapped", NumericArray(map.images(of: samples)))) }
    } else {
      inputs.note(
        """
        there is no linear map: the target's covariance has rank \(target.rank), and the range of the source's, of \
        rank \(source.rank), 
        """
          + "does not reach all of its directions")
    }
    return answer
  }
}

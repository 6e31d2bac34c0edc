import Documents
import LinearAlgebra
import OptimalTransport

/// `sliced-sphere`.
struct SlicedSphereSolver: SolverDescription {
  static let name = "sliced-sphere"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = SphericalSlicedTransport.self
  static let summary =
    """
    the sliced Wasserstein distance on the sphere, mean over planes of W_p^p between angles in turns; to the uniform \
    measure without Y
    """
  static let inputs = [
    InputDescription("X", "n×d", "source points of length 1"),
    InputDescription("Y", "m×d", "target points of length 1; the uniform measure when absent, for exponent 2"),
    .sourceWeights,
    .targetWeights,
    InputDescription("directions", "2k×d", "the planes, by two rows each that span it; seeded ones when absent"),
  ]
  static let outputs: Glossary = [
    "value": "SSW_p^p, the mean over the planes", "distance": "SSW_p, its root",
    "standard_error": "of the value, over drawn planes",
    "max_value": "the largest W_p^p of a plane",
  ]
  static let balances = [BalancedWeights.sides]

  private let solver: SphericalSlicedTransport
  private let draw: DirectionSettings

  init(_ settings: Fields) throws(DocumentError) {
    solver = SphericalSlicedTransport(exponent: try settings.exponent())
    draw = try DirectionSettings(settings)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let points = Double(try inputs.rows("X") + inputs.rows("Y"))
    let (d, count) = (Double(try inputs.columns("X")), Double(try draw.count(inputs)))
    return MemoryNeed(
      numbers: points * (d + 250) + 4 * count * d, problem: "\(Int(count)) slices of \(Int(points)) points")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    guard let x = try inputs.points("X") else { throw inputs.missing("X") }
    if inputs.contains("b"), !inputs.contains("Y") { throw inputs.missing("Y, whose weights b are") }
    let planes =
      try draw.given(inputs) ?? SphericalSlicedTransport.planes(draw.count, dimensions: x.columns, seed: draw.seed)
    return try solver.solve(
      x, inputs.points("Y"), source: inputs.vector("a"), target: inputs.vector("b"), through: planes, monitor: monitor
    ).answer
  }
}

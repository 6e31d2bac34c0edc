import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `barycenter`.
struct BarycenterSolver: SolverDescription {
  static let name = "barycenter"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = WassersteinBarycenter.self
  static let summary =
    "the entropic Wasserstein barycenter of measures on a common support, a grid or points with any symmetric cost"
  static let inputs =
    [
      InputDescription(
        "A", "s×N or s×h×w",
        "the measures, as rows or images on a grid; rows use C if it is given; or give image0, image1, …")
    ]
    + InputDescription.images + [
      InputDescription("C", "N×N", "symmetric cost between support points; squared grid distances if absent"),
      .barycenterWeights,
    ]
  static let outputs: Glossary = ["value": "the objective, Σ λ OT(a_s, b)"]

  private let solver: WassersteinBarycenter
  private let step: Double?
  private let isNormalized: Bool
  private let isInverted: Bool

  init(_ settings: Fields) throws(DocumentError) {
    solver = WassersteinBarycenter(
      epsilon: try settings.epsilon(in: "the cost"),
      isDebiased: try settings.bool(
        "debiased", default: false, about: "whether to remove the entropic blur (debiased barycenter)"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-7, iterationLimit: 5000),
        about: "marginal residual at which to stop, relative to the mass"))
    step = try settings.optionalPositiveNumber("step", about: "grid spacing; 1/(longest side − 1) if absent")
    isNormalized = try settings.bool("normalize", default: true, about: "whether to divide each measure by its sum")
    isInverted = try settings.inverted()
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let (sides, count) = try inputs.sidesOfMeasures()
    let points = sides.reduce(1, *)
    // On a grid, one matrix per axis.
    let kernels = inputs.contains("C") ? points * points : sides.reduce(0) { $0 + $1 * $1 }
    return MemoryNeed(numbers: 3 * kernels + 12 * count * points, problem: "a barycenter over \(Int(points)) points")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (given, grid) = try inputs.measures(isInverted: isInverted)
    let measures = isNormalized ? given.normalizedRows : given
    let support: SupportGeometry
    if let cost = try inputs.matrix("C") {
      support = .cost(inputs.symmetrized(cost, "C"))
    } else {
      support = .grid(shape: grid, step: step ?? 1 / Double(max(1, (grid.max() ?? 1) - 1)))
    }
    let problem = try BarycenterProblem(measures: measures, shares: inputs.vector("weights"), support: support)
    let solution = try solver.solve(problem, monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers.append(("value", solution.value))
    answer.arrays.append(("barycenter", NumericArray(shape: grid, elements: solution.weights)))
    return answer
  }
}

extension ProblemInputs {
  /// The sides of the grid on which the measures live and their number, found without forming grids that may not fit
  /// into memory.
  fileprivate func sidesOfMeasures() throws -> (sides: [Double], count: Double) {
    if let shape = try shape(of: "A") { return (shape.dropFirst().map(Double.init), Double(shape.first ?? 0)) }
    let shapes = try imageNames.compactMap { try shape(of: $0) }
    return ((shapes.first ?? []).prefix(2).map(Double.init), Double(shapes.count))
  }

  /// Reads the measures, one per row, and the sides of the grid on which they live.
  fileprivate func measures(isInverted: Bool) throws -> (measures: Matrix, grid: [Int]) {
    if imageNames.isEmpty {
      guard let (array, place) = try array("A") else { throw missing("A (s×N or s×h×w) or image0, image1, …") }
      try refusePicture(array, named: "A", place: place)
      guard (2...3).contains(array.shape.count) else {
        throw InputError(
          place: place, problem: "'A' is \(array.shapeText), but measures as rows (s×N) or images (s×h×w) were expected"
        )
      }
      if array.shape.count == 2 {
        if isInverted {
          throw InputError(place: place, problem: "'A' holds measures as rows, but only images can be inverted")
        }
        return (array.matrix, [array.shape[1]])
      }
    }
    let images = try images("A", atLeast: 1, isInverted: isInverted)
    let grid = [images[0].rows, images[0].columns]
    return (Matrix(rows: images.count, columns: grid[0] * grid[1], elements: images.flatMap(\.elements)), grid)
  }
}

extension Matrix {
  /// Each row divided by its sum if that is positive; the solver refuses the other rows.
  fileprivate var normalizedRows: Matrix {
    let sums = (0..<rows).map { compensatedSum(self[row: $0]) }
    return Matrix(rows: rows, columns: columns) {
      sums[$0] > 0 && sums[$0].isFinite ? self[$0, $1] / sums[$0] : self[$0, $1]
    }
  }
}

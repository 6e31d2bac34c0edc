import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `barycenter-gw`.
struct ImageBarycenterSolver: SolverDescription {
  static let name = "barycenter-gw"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = TreeGromovWasserstein.self
  static let summary =
    """
    the Gromov–Wasserstein barycenter of images, as an image; it is invariant to rotations and reflections of the \
    images
    """
  static let inputs =
    [InputDescription("A", "s×h×w", "the images; or give image0, image1, …")] + InputDescription.images + [
      .barycenterWeights
    ]
  static let outputs: Glossary = TreeGromovWassersteinSolution.outputs

  private let rho: Double
  private let isInverted: Bool
  private let tree: TreeSettings

  init(_ settings: Fields) throws(DocumentError) {
    rho = try settings.imageRelaxation()
    isInverted = try settings.inverted()
    tree = try TreeSettings(settings, default: .images, starts: 3)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfImages("A") }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let images = try inputs.images("A", atLeast: 2, isInverted: isInverted)
    let (rows, columns) = (images[0].rows, images[0].columns)
    let pixels = images.map { image in image.elements.indices.filter { image.elements[$0] > 0 } }
    let center = try TreeGromovWassersteinProblem.Space(
      geometry: .lattice(.pixels(rows: rows, columns: columns)), marginal: TreeMarginal(freeOver: rows * columns))
    let leaves = try zip(images, pixels).map { image, pixels throws(ProblemError) in
      let total = compensatedSum(image.elements)
      return try TreeGromovWassersteinProblem.Space(
        geometry: .lattice(.pixels(rows: rows, columns: columns, points: pixels)),
        marginal: TreeMarginal(weights: pixels.map { image.elements[$0] / total }, relaxation: rho))
    }
    let weights = try inputs.barycenterWeights(images.count)
    let problem = try TreeGromovWassersteinProblem(
      topology: .star(leaves: images.count), spaces: [center] + leaves, edgeWeights: weights)
    let solution = try tree.best(problem, monitor: monitor)
    var answer = solution.answer
    answer.arrays.insert(
      ("barycenter", NumericArray(shape: [rows, columns], elements: solution.nodeMarginals[0])), at: 0)
    for (index, pixels) in pixels.enumerated() {
      answer.arrays.append(("pixels\(index)", NumericArray(integers: pixels)))
    }
    return answer
  }
}

extension Fields {
  /// Reads the penalty weight ρ of the images' marginals.
  package func imageRelaxation() throws(DocumentError) -> Double {
    try optionalPositiveNumber(
      "rho", about: "weight ρ of the KL penalty on the images' marginals; prescribed if absent") ?? .infinity
  }
}

extension TreeGromovWasserstein {
  /// The default settings for barycenters of images, whose largest distance is 1.
  package static let images = TreeGromovWasserstein(
    epsilon: 2e-4, annealing: Annealing(start: 5e-3, factor: 0.7, steps: 3), criterion: .gap,
    stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300))
}

extension ProblemInputs {
  /// Reads the barycentric weights λ, normalized to sum 1.
  func barycenterWeights(_ count: Int) throws -> [Double] {
    let given = try vector("weights")
    if let given, given.count != count { throw missing("\(count) numbers in weights (found \(given.count))") }
    if let given, let index = given.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw missing("positive weights (found \(given[index]) at index \(index); leave that image out)")
    }
    let weights = given ?? .uniform(count)
    let sum = compensatedSum(weights)
    return weights.map { $0 / sum }
  }

  /// The memory of a star of images: plans between all pixels of the barycenter and of each image; distances are not
  /// formed.
  fileprivate func memoryOfImages(_ all: String) throws -> MemoryNeed {
    var pixels: [Double] = []
    if let shape = try shape(of: all), shape.count == 3 {
      pixels += [Double](repeating: Double(shape[1]) * Double(shape[2]), count: shape[0])
    }
    for name in imageNames {
      if let shape = try shape(of: name), shape.count > 1 { pixels.append(Double(shape[0]) * Double(shape[1])) }
    }
    return MemoryNeed(
      numbers: 8 * (pixels.max() ?? 0) * pixels.reduce(0, +),
      problem: "a barycenter of \(pixels.count) images of \(Int(pixels.max() ?? 0)) pixels")
  }
}

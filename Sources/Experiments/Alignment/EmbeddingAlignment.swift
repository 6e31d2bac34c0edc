import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// EW_λ (Beier, Piening, Beinert, Steidl 2025): embeds both modalities jointly into a square grid of the plane, and
/// compares them there by barycentric projections.
///
/// It uses the authors' normalized convention and tries every λ, ε, distance, schedule, and start. The objective is
/// the Gromov–Wasserstein value of the matching through the grid, with the method's own distances.
struct EmbeddingAlignment: AlignmentMethod {
  enum Schedule: String, CaseIterable, Sendable {
    /// ε is constant.
    case constant
    /// ε starts 20 times larger.
    case annealed
  }

  let distances: GraphDistances
  let grid: Int
  let lambdas: [Double]
  let epsilons: [Double]
  let schedules: [Schedule]
  let starts: Int
  let stopping: StoppingRule

  var candidates: Int { distances.variants.count * lambdas.count * epsilons.count * schedules.count * starts }

  /// The largest grid distance; the distances of the modalities are at most 1.
  private static let diameter = 1.3

  init(distances: GraphDistances, solver fields: Fields) throws(DocumentError) {
    self.distances = distances
    grid = try fields.integer("grid", default: 20, in: 2...200, about: "grid points along each side of the square")
    try EmbeddingSettings.refuseOldKeys(fields)
    lambdas = try fields.positiveNumbers(
      EmbeddingSettings.weightKey, default: [1],
      about: "λ, the weight of the distortions, in the authors' normalized convention")
    epsilons = try fields.positiveNumbers(
      "epsilon", about: "ε, the weight of the entropy, as a fraction of the largest range of a cost")
    schedules = try fields.choices(
      "schedule", default: [.annealed], about: "whether ε is constant or starts 20 times larger")
    starts = try fields.starts(default: 1, about: "random starts for each setting")
    stopping = try StoppingRule(
      fields, default: StoppingRule(tolerance: 1e-4, iterationLimit: 100), about: "the relative gain of a step")
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    try JointEmbeddingProblem.ensureMemory(first: first.features.rows, second: second.features.rows, grid: grid)
    let unit = Self.diameter / (2.0.squareRoot() * Double(grid - 1))
    let target = try LatticeDistances.pixels(rows: grid, columns: grid, unit: unit)
    let places = Matrix(rows: grid * grid, columns: 2) { point, axis in
      Double(axis == 0 ? point % grid : point / grid) * unit
    }
    for variant in distances.variants {
      let (x, y) = (
        try distances.matrix(first, variant, dividedBy: .largest),
        try distances.matrix(second, variant, dividedBy: .largest)
      )
      report("distances computed: \(variant.description)")
      let spaces = (
        try MetricMeasureSpace(distances: x, name: "the distances of \(first.name)"),
        try MetricMeasureSpace(distances: y, name: "the distances of \(second.name)")
      )
      let comparison = try QuadraticProblem(source: spaces.0, target: spaces.1)
      for lambda in lambdas {
        let problem = try JointEmbeddingProblem(
          first: spaces.0, second: spaces.1, target: .lattice(target), lambda: lambda, convention: .normalized)
        for (epsilon, schedule, start) in combinations {
          let processor = ProcessorClock()
          let solver = JointEmbedding(
            epsilon: epsilon, annealing: schedule == .annealed ? Annealing(start: 20 * epsilon) : nil,
            seed: UInt64(seed) &+ UInt64(start), stopping: stopping,
            innerStopping: StoppingRule(tolerance: 1e-6, iterationLimit: 200))
          let solution = try solver.solve(problem)
          let plan = solution.matching
          let settings = "λ \(lambda), ε \(epsilon) \(schedule.rawValue), start \(start + 1), \(variant.description)"
          let images = (
            solution.first.barycentricProjection(onto: places), solution.second.barycentricProjection(onto: places)
          )
          try visit(
            AlignmentAnswer(
              settings: settings, objective: comparison.distortion(of: plan.plan), forward: images, backward: nil,
              spread: spread([images.0, images.1], against: [x, y]), plan: plan, status: solution.status,
              iterations: solution.iterations,
              trace: solution.trace,
              seconds: processor.seconds))
        }
      }
    }
  }

  private var combinations: [(Double, Schedule, Int)] {
    epsilons.flatMap { epsilon in schedules.flatMap { schedule in (0..<starts).map { (epsilon, schedule, $0) } } }
  }
}

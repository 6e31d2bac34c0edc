import Alignment
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline

/// This library's own pair-free alignment (`MultiViewAlignment`): its best basin and, as a second candidate, its
/// runner-up.
struct MultiViewMethod: AlignmentMethod {
  let landmarks: Int
  let threshold: Int
  let relaxation: MarginalRelaxation
  let draws: Int

  /// The best alignment and the runner-up, if there is one.
  let candidates = 2
  /// No full matrices; a few thousand cells at most are aligned themselves.
  let matrices = 0.0

  init(solver fields: Fields) throws(DocumentError) {
    landmarks = try fields.integer(
      "landmarks", default: 250, in: 8...10_000, about: "random cells that represent a larger modality in the search")
    threshold = try fields.integer(
      "threshold", default: 325, in: 8...100_000,
      about: "the number of cells up to which all cells are used instead of landmarks")
    if threshold < landmarks {
      throw fields.error("threshold", "is \(threshold), but at least the number of landmarks was expected")
    }
    let rho = try fields.optionalPositiveNumber(
      "rho", about: "ρ, the weight of the KL penalty on the marginals, for modalities that lack each other's cell types"
    )
    relaxation = rho.map(MarginalRelaxation.relaxed) ?? .balanced
    draws = try fields.integer(
      "bootstrapDraws", default: 20, in: 0...10_000, about: "bootstrap draws of cells and views, for the stability")
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    let processor = ProcessorClock()
    do {
      let problem = try MultiViewProblem(
        first.features, second.features, landmarks: landmarks, threshold: threshold, seed: UInt64(seed),
        names: (first.name, second.name))
      report("\(problem.recipes.count) views of both modalities")
      let solver = MultiViewAlignment(relaxation: relaxation, bootstrapDraws: draws, seed: UInt64(seed))
      let solution = try solver.solve(problem, report: report)
      let decision = Decision(problem, solution)
      let seconds = processor.seconds
      try visit(answer("best", solution.basins[0].score, solution.coupling, problem, solution, decision, seconds))
      if let runnerUp = solution.runnerUp {
        try visit(answer("runner-up", solution.basins[1].score, runnerUp, problem, solution, decision, 0))
      }
    } catch let error as AlignmentError {
      throw ExperimentError(description: "\(error)")
    }
  }

  private func answer(
    _ name: String, _ score: Double, _ plan: Coupling, _ problem: MultiViewProblem, _ solution: MultiViewSolution,
    _ decision: Decision,
    _ seconds: Double
  ) -> AlignmentAnswer {
    let projections = problem.projections(plan)
    return AlignmentAnswer(
      settings: name, objective: score, forward: (projections.firstInSecond, problem.features.second),
      backward: (problem.features.first, projections.secondInFirst),
      spread: spread(projections.firstInSecond, among: problem.features.second),
      plan: plan, status: solution.status, iterations: solution.iterations, trace: solution.trace, seconds: seconds,
      decision: decision)
  }
}

/// What a method reports about its choice among basins.
struct Decision {
  /// The objective of the next basin, or of a random pairing if there is none, less that of the best basin.
  let margin: Double
  let stability: Double
  /// The score of the best symmetry of a modality; 0, that of a random pairing, if none was found.
  let symmetry: Double
  let warnings: Int
  /// The distortion of each view in the best alignment and in the runner-up, which is empty if there is none.
  let views: (best: [Double], next: [Double])
  /// The first modality in the second one's features by the runner-up.
  var runnerUp: Matrix?

  init(_ problem: MultiViewProblem, _ solution: MultiViewSolution) {
    margin = solution.margin ?? -solution.basins[0].score
    stability = solution.stability ?? 1
    symmetry = min(0, solution.symmetry.score ?? 0)
    warnings = solution.warnings.count
    views = (solution.basins[0].ratios, solution.basins.dropFirst().first?.ratios ?? [])
    runnerUp = solution.runnerUp.map { problem.projections($0).firstInSecond }
  }
}

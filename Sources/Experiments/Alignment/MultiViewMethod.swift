import Alignment
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline

/// This library's own pair-free alignment (`MultiViewAlignment`): its best basin and, as the second candidate, its runner-up.
struct MultiViewMethod: AlignmentMethod {
  let landmarks: Int
  let threshold: Int
  let relaxation: MarginalRelaxation
  let draws: Int

  /// The runner-up is one where there is any.
  let candidates = 2
  /// Of some thousand cells at most.
  let matrices = 0.0

  init(solver fields: Fields) throws(DocumentError) {
    landmarks = try fields.integer("landmarks", default: 250, in: 8...10_000, about: "random cells that stand for larger modalities")
    threshold = try fields.integer(
      "threshold", default: 325, in: 8...100_000, about: "modalities of no more cells need no landmarks; at least their number")
    if threshold < landmarks { throw fields.error("threshold", "is \(threshold), but at least the number of landmarks was expected") }
    let rho = try fields.optionalPositiveNumber("rho", about: "ρ of relaxed marginals, for modalities that lack types")
    relaxation = rho.map(MarginalRelaxation.relaxed) ?? .balanced
    draws = try fields.integer("bootstrapDraws", default: 20, in: 0...10_000, about: "of cells and views, for the stability")
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    let processor = ProcessorClock()
    do {
      let problem = try MultiViewProblem(
        first.features, second.features, landmarks: landmarks, threshold: threshold, seed: UInt64(seed), names: (first.name, second.name))
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
    _ name: String, _ score: Double, _ plan: Coupling, _ problem: MultiViewProblem, _ solution: MultiViewSolution, _ decision: Decision,
    _ seconds: Double
  ) -> AlignmentAnswer {
    let projections = problem.projections(plan)
    return AlignmentAnswer(
      settings: name, objective: score, forward: (projections.firstInSecond, problem.features.second),
      backward: (problem.features.first, projections.secondInFirst),
      spread: spread(projections.firstInSecond, among: problem.features.second),
      plan: plan, status: solution.status, iterations: solution.iterations, trace: solution.trace, seconds: seconds, decision: decision)
  }
}

/// What a method that chooses among basins says of its choice.
struct Decision {
  /// How far the next basin is behind; a random pairing, where there is no other.
  let margin: Double
  let stability: Double
  /// The score of a modality's symmetry; 0, that of random pairing, where none was found.
  let symmetry: Double
  let warnings: Int
  /// The distortion of each view at the best alignment and at the runner-up (none where there is none).
  let views: (best: [Double], next: [Double])
  /// The first modality in the second's features by the runner-up.
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

import LinearAlgebra

/// A local minimum of the alignment problem: a refined plan between the landmarks of both modalities.
public struct Basin: Sendable {
  /// The plan, landmarks of the first modality × landmarks of the second.
  public let plan: Matrix
  /// The relative distortion r_c of each view, in the order of the recipes: 1 is the distortion of the product plan.
  public let ratios: [Double]
  /// The index of the view and the start whose candidate converged to this basin; the one of lowest score if there
  /// are several.
  public let proposal: (view: Int, start: CandidateStart)
  /// F = mean_c log max(r_c, 1e-3), the score by which basins are ranked: 0 for the product plan, and lower is
  /// better.
  ///
  /// With relaxed marginals, the penalty is added in the units of the last step: mean_c (1/r_c) Σ ρ KL.
  public let score: Double

  /// Computes the score of a refined plan.
  ///
  /// - Parameters:
  ///   - plan: the plan between landmarks.
  ///   - ratios: r_c of each view.
  ///   - proposal: the view and start of the candidate.
  ///   - price: the marginal penalty Σ ρ KL, in the units of a step.
  init(plan: Matrix, ratios: [Double], proposal: (view: Int, start: CandidateStart), price: Double) {
    self.plan = plan
    self.ratios = ratios
    self.proposal = proposal
    let weight = ratios.reduce(0) { $0 + 1 / max($1, JointViews.floor) } / Double(ratios.count)
    score = JointViews.score(ratios) + weight * price
  }
}

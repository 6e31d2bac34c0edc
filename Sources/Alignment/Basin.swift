import LinearAlgebra

/// A refined alignment between landmarks: one of those that the views know.
public struct Basin: Sendable {
  /// Landmarks of the first modality × landmarks of the second.
  public let plan: Matrix
  /// r_c of each view, in the order of the recipes: the distortion as a fraction of the product plan's.
  public let ratios: [Double]
  /// The view, by index, whose candidate came to lie here, and from which start; that of the lowest score where there are several.
  public let proposal: (view: Int, start: CandidateStart)
  /// F = mean_c log max(r_c, 1e-3), what basins are compared by: 0 at the product plan, the less the better. Between relaxed marginals, the price of
  /// departing from them is added in the units of the last step: mean_c (1/r_c) Σ ρ KL.
  public let score: Double

  /// - Parameter price: Σ ρ KL, in the units of a step.
  init(plan: Matrix, ratios: [Double], proposal: (view: Int, start: CandidateStart), price: Double) {
    self.plan = plan
    self.ratios = ratios
    self.proposal = proposal
    let weight = ratios.reduce(0) { $0 + 1 / max($1, JointViews.floor) } / Double(ratios.count)
    score = JointViews.score(ratios) + weight * price
  }
}

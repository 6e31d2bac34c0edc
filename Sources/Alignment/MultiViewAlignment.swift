import LinearAlgebra
import OptimalTransport

/// Aligns two modalities without any known pair of cells, and reports how reliable the alignment is.
///
/// Gromov–Wasserstein objectives have several local minima, such as mirror images and exchanged cell types, and on
/// real data a wrong one often fits any single distance best. Here many distances ("views") decide together. The
/// objective over couplings P of the cells of both modalities is
///
///     F(P) = mean_c log max(r_c(P), 10⁻³)
///     r_c(P) = GW_c(P) / GW_c(a⊗b)
///     GW_c(P) = Σ (D1ᶜ_ik − D2ᶜ_jl)² P_ij P_kl
///
/// 1. Forty views of each modality are built from graphs of all its cells (`ViewRecipe.standard`). A modality of more
///   than 325 cells is represented by 250 random landmarks, weighted by the cells nearest to them in the mean view.
/// 2. Candidates are local minima for single views, found by entropic descent from the product plan, with ε
///   decreasing from 0.05 to 0.005, and from the plan of the third lower bound.
/// 3. Up to eight candidates of lowest F whose `PlanFeature`s have a pairwise similarity of at most 0.8 are refined
///   over all views at once. Each step majorizes the logarithm: its cost is the mean of the linear costs of the views
///   with weights 1/r_c.
/// 4. The refined plan of lowest F wins. Plans with a similarity below 0.9 count as other basins, and F of the next
///   one gives the margin. Each modality is also aligned with itself away from the identity (`Symmetry`), and cells
///   and views are resampled (`MultiViewSolution.stability`).
/// 5. The plan is extended to all cells by kernels of the mean view and refined over the views of scale `lengths`
///   until it converges, with ε = 0.06 e^F, at most 0.02.
///
/// The result is deterministic for a seed, never NaN, and up to the last bits independent of the number of threads.
/// If all cells are landmarks, it does not depend on the order of the rows. There is no guarantee of optimality: a
/// small margin (`MultiViewSolution.smallMargin`), a low stability, a symmetry, a wide spread, and raw features give
/// warnings, but their absence is no certificate.
///
/// Time grows as (n/1000)³ × about ten seconds on two cores, and memory is 1 GB at n = 1000. Beyond 2500 cells a
/// random 2500 are aligned and the others follow their five nearest, so that 10,000 cells need no more than that plus
/// O(n) per feature.
///
/// The procedure is original to this library. Its list of views and `DepthRule` were chosen with a look at the scores
/// of two data sets (snare and scgem).
///
///     let problem = try MultiViewProblem(atac, rna)
///     let solution = try MultiViewAlignment().solve(problem)
///     print(solution.margin ?? .infinity, solution.warnings)
public struct MultiViewAlignment: Sendable {
  /// The penalty weights ρ of both marginals, in units of the mean distortion of the product plan; prescribed
  /// marginals by default.
  ///
  /// Finite values are meant for modalities that lack some of each other's cell types. This option is experimental: a
  /// small ρ also drops cells that do have a partner.
  public var relaxation: MarginalRelaxation
  /// The number of bootstrap draws of cells and views for `MultiViewSolution.stability`; 0 skips them.
  public var bootstrapDraws: Int
  /// The seed of the bootstrap draws.
  public var seed: UInt64

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - relaxation: the penalty weights ρ of both marginals.
  ///   - bootstrapDraws: the number of bootstrap draws, 0 or more.
  ///   - seed: the seed of the bootstrap draws.
  public init(relaxation: MarginalRelaxation = .balanced, bootstrapDraws: Int = 20, seed: UInt64 = 1) {
    self.relaxation = relaxation
    self.bootstrapDraws = bootstrapDraws
    self.seed = seed
  }

  private static let mostRefined = 8
  private static let similarOfCandidates = 0.8
  private static let similarOfBasins = 0.9
  /// ε of the last descent as a fraction of the remaining distortion e^F.
  private static let blur = 0.06

  /// Aligns the two modalities.
  ///
  /// - Parameters:
  ///   - problem: the views of both modalities.
  ///   - report: called with one sentence at the start of each stage.
  /// - Returns: the alignment and its diagnostics.
  /// - Throws: `AlignmentError.parameter` if a ρ is not positive or the number of draws is negative.
  public func solve(
    _ problem: MultiViewProblem, report: (String) -> Void = { _ in }
  ) throws(AlignmentError) -> MultiViewSolution {
    try validate()
    let candidates = CandidateSearch(problem: problem).candidates()
    report("\(candidates.count) candidates from \(problem.recipes.count) views")
    let feature = PlanFeature(problem.first, problem.second)
    let kept = distinct(candidates, feature)
    let basins = apart(refined(kept, problem), feature)
    report("\(basins.count) basins from \(kept.count) distinct candidates")

    let next = basins.count > 1 ? basins[1].plan : nil
    let symmetry = Symmetry(problem, best: basins[0].plan, next: next)
    let rival = next ?? symmetry.carried(basins[0].plan) ?? Matrix(outer: problem.first.weights, problem.second.weights)
    let bootstrap = BootstrapStability(problem: problem, draws: bootstrapDraws, seed: seed)
    let stability = bootstrapDraws > 0 ? bootstrap.share(basins[0].plan, over: rival) : nil
    report("computing symmetry and stability")

    let carrier = PlanExtension(problem)
    let start = carrier.extended(basins[0].plan)
    let (a, b) = ([Double].uniform(start.rows), [Double].uniform(start.columns))
    let last = AnnealedDescent(
      schedule: .following(share: Self.blur, from: 0.02, atLeast: 1e-4), steps: 50, relaxation: relaxation
    )
    .run(from: start, source: a, target: b) { JointViews.score(problem.cellViews.linearize($0, into: &$1)) }
    let (x, y) = (problem.cells, problem.features)
    let isWhole = x.first.count == y.first.rows && x.second.count == y.second.rows
    report(
      isWhole
        ? "all cells aligned: \(last.status)"
        : "\(x.first.count) of \(y.first.rows) and \(x.second.count) of \(y.second.rows) cells aligned: \(last.status)")
    return MultiViewSolution(
      problem: problem, coupling: Coupling(plan: last.plan, source: a, target: b),
      runnerUp: basins.count > 1 ? Coupling(plan: carrier.extended(basins[1].plan), source: a, target: b) : nil,
      basins: basins, proposals: (candidates.count, kept.count), symmetry: symmetry, stability: stability,
      status: last.status,
      iterations: last.trace.points.count, trace: last.trace)
  }

  private func validate() throws(AlignmentError) {
    do { try relaxation.validate() } catch { throw .parameter(error) }
    if !(relaxation.source > 0 && relaxation.target > 0) {
      throw .parameter(
        .parameter(name: "ρ", found: "\(min(relaxation.source, relaxation.target))", expected: "a positive number"))
    }
    if bootstrapDraws < 0 {
      throw .parameter(
        .parameter(name: "the number of bootstrap draws", found: "\(bootstrapDraws)", expected: "0 or more"))
    }
  }

  /// The candidates of lowest score that differ sufficiently from each other.
  private func distinct(_ candidates: [CandidateSearch.Candidate], _ feature: PlanFeature) -> [CandidateSearch
    .Candidate]
  {
    let order = candidates.indices.sorted { (candidates[$0].score, $0) < (candidates[$1].score, $1) }
    return Array(
      feature.apart(
        order.map { candidates[$0] }, similarity: Self.similarOfCandidates, most: Self.mostRefined, plan: \.plan))
  }

  /// The candidates refined over all views, by increasing score.
  private func refined(_ candidates: [CandidateSearch.Candidate], _ problem: MultiViewProblem) -> [Basin] {
    var basins = [Basin?](repeating: nil, count: candidates.count)
    basins.withUnsafeMutableBufferPointer { basins in
      nonisolated(unsafe) let basins = basins
      forEachIndependent(of: candidates.count) { index in
        let candidate = candidates[index]
        let descent = problem.landmarkViews.descent(
          from: candidate.plan, source: problem.first.weights, target: problem.second.weights, relaxation: relaxation)
        basins[index] = Basin(
          plan: descent.plan, ratios: problem.landmarkViews.ratios(of: descent.plan),
          proposal: (candidate.view, candidate.start),
          price: descent.price)
      }
    }
    return basins.compactMap { $0 }.sorted { $0.score < $1.score }
  }

  private func apart(_ basins: [Basin], _ feature: PlanFeature) -> [Basin] {
    feature.apart(basins, similarity: Self.similarOfBasins, most: basins.count, plan: \.plan)
  }
}

extension JointViews {
  /// Refines a candidate over all views, with ε decreasing from 0.05 to 0.02 in units of the product plan's
  /// distortion.
  func descent(
    from plan: Matrix, source: [Double], target: [Double], relaxation: MarginalRelaxation = .balanced
  ) -> AnnealedDescent.Outcome {
    AnnealedDescent(schedule: .falling(from: 0.05, to: 0.02, over: 6), steps: 15, relaxation: relaxation)
      .run(from: plan, source: source, target: target) { Self.score(linearize($0, into: &$1)) }
  }

  func descended(from plan: Matrix, source: [Double], target: [Double]) -> Matrix {
    descent(from: plan, source: source, target: target).plan
  }
}

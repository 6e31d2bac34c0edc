import LinearAlgebra
import OptimalTransport

/// Aligns two modalities without knowing any pair of cells, and says how sure it is.
///
/// Gromov–Wasserstein objectives have several basins — mirror images, permuted cell types — and on real data a wrong one often fits a single construction
/// of distances best. Here many constructions ("views") judge together: over couplings P of both modalities' cells,
///
///     F(P) = mean_c log max(r_c(P), 10⁻³),      r_c(P) = GW_c(P) / GW_c(a⊗b),     GW_c(P) = Σ (D1ᶜ_ik − D2ᶜ_jl)² P_ij P_kl
///
/// 1. Forty views of each modality on the graph of all its cells (`ViewRecipe.standard`); 250 seeded landmarks stand for more than 325 cells, weighted by
///    the cells nearest to them in the mean view.
/// 2. Candidates: each view's own entropic descent from the product plan, ε falling from .05 to .005, and from its third lower bound.
/// 3. Up to eight candidates of lowest F whose `PlanFeature`s have a similarity of at most .8 are refined over all views at once. The logarithm is
///    majorised: a step's cost is the mean of the views' linear costs weighted by 1/r_c.
/// 4. The refined plan of lowest F wins; plans with a similarity below .9 are other basins, and the next one's F gives the margin. Each modality is aligned
///    with itself as well, away from the identity (`Symmetry`), and cells and views are drawn anew (`stability`).
/// 5. The plan is carried to all cells by kernels of the mean view, and descends over the views of plain lengths until it rests, ε following
///    the distortion that is left (.06 e^F, at most .02).
///
/// Guarantees: deterministic for a seed, up to last bits whatever the number of threads; never NaN; the same answer for any order of rows where all cells are landmarks.
/// None of optimality: a small margin (`MultiViewSolution.smallMargin`), a low `stability`, a `symmetry`, a wide `spread` and features that look raw are
/// warnings, their absence no certificate. Views and candidates are shared out among threads.
///
/// For n cells: (n/1000)³ × some ten seconds on two cores and 1 GB at n = 1000; beyond 2500 cells a seeded 2500 are aligned and the others follow their
/// five nearest, so that 10,000 cells need no more than these plus O(n) a feature.
///
/// The procedure is this library's own. Its list of views and `DepthRule` were settled looking at scores of two data sets (snare, scgem).
///
///     let problem = try MultiViewProblem(atac, rna)
///     let solution = MultiViewAlignment().solve(problem)
///     print(solution.margin ?? .infinity, solution.warnings)
public struct MultiViewAlignment: Sendable {
  /// ρ on both marginals of the joint descents, for modalities that lack each other's cell types, in units of the mean distortion of the product plan.
  /// Between fixed marginals by default. An experiment, with mixed success: small ρ also lets cells go that do have a partner.
  public var relaxation: MarginalRelaxation
  /// How many times cells and views are drawn anew for `stability`; none are when 0.
  public var bootstrapDraws: Int
  /// Of these draws.
  public var seed: UInt64

  public init(relaxation: MarginalRelaxation = .balanced, bootstrapDraws: Int = 20, seed: UInt64 = 1) {
    self.relaxation = relaxation
    self.bootstrapDraws = bootstrapDraws
    self.seed = seed
  }

  private static let mostRefined = 8
  private static let similarOfCandidates = 0.8
  private static let similarOfBasins = 0.9
  /// ε of the last descent against the distortion e^F that is left.
  private static let blur = 0.06

  /// - Parameters:
  ///   - problem: the views of two modalities.
  ///   - report: told of each stage in a sentence.
  /// - Throws: `AlignmentError.parameter` when a ρ is not positive or the number of draws is negative.
  public func solve(
    _ problem: MultiViewProblem, report: (String) -> Void = { _ in }
  ) throws(AlignmentError) -> MultiViewSolution {
    try validate()
    let candidates = CandidateSearch(problem: problem).candidates()
    report("\(candidates.count) candidates from \(problem.recipes.count) views")
    let feature = PlanFeature(problem.first, problem.second)
    let kept = distinct(candidates, feature)
    let basins = apart(refined(kept, problem), feature)
    report("\(basins.count) basins from \(kept.count) candidates that differ")

    let next = basins.count > 1 ? basins[1].plan : nil
    let symmetry = Symmetry(problem, best: basins[0].plan, next: next)
    let rival = next ?? symmetry.carried(basins[0].plan) ?? Matrix(outer: problem.first.weights, problem.second.weights)
    let bootstrap = BootstrapStability(problem: problem, draws: bootstrapDraws, seed: seed)
    let stability = bootstrapDraws > 0 ? bootstrap.share(basins[0].plan, over: rival) : nil
    report("symmetry and stability are judged")

    let carrier = PlanExtension(problem)
    let start = carrier.extended(basins[0].plan)
    let (a, b) = ([Double].uniform(start.rows), [Double].uniform(start.columns))
    let last = AnnealedDescent(schedule: .following(share: Self.blur, from: 0.02, atLeast: 1e-4), steps: 50, relaxation: relaxation)
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
      basins: basins, proposals: (candidates.count, kept.count), symmetry: symmetry, stability: stability, status: last.status,
      iterations: last.trace.points.count, trace: last.trace)
  }

  private func validate() throws(AlignmentError) {
    do { try relaxation.validate() } catch { throw .parameter(error) }
    if !(relaxation.source > 0 && relaxation.target > 0) {
      throw .parameter(.parameter(name: "ρ", found: "\(min(relaxation.source, relaxation.target))", expected: "a positive number"))
    }
    if bootstrapDraws < 0 {
      throw .parameter(.parameter(name: "the number of bootstrap draws", found: "\(bootstrapDraws)", expected: "0 or more"))
    }
  }

  /// The candidates of lowest score that differ from each other.
  private func distinct(_ candidates: [CandidateSearch.Candidate], _ feature: PlanFeature) -> [CandidateSearch.Candidate] {
    let order = candidates.indices.sorted { (candidates[$0].score, $0) < (candidates[$1].score, $1) }
    return Array(feature.apart(order.map { candidates[$0] }, similarity: Self.similarOfCandidates, most: Self.mostRefined, plan: \.plan))
  }

  /// Each candidate descended over all views, by rising score.
  private func refined(_ candidates: [CandidateSearch.Candidate], _ problem: MultiViewProblem) -> [Basin] {
    var basins = [Basin?](repeating: nil, count: candidates.count)
    basins.withUnsafeMutableBufferPointer { basins in
      nonisolated(unsafe) let basins = basins
      forEachIndependent(of: candidates.count) { index in
        let candidate = candidates[index]
        let descent = problem.landmarkViews.descent(
          from: candidate.plan, source: problem.first.weights, target: problem.second.weights, relaxation: relaxation)
        basins[index] = Basin(
          plan: descent.plan, ratios: problem.landmarkViews.ratios(of: descent.plan), proposal: (candidate.view, candidate.start),
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
  /// The descent over all views by which candidates become basins: ε from .05 to .02 in units of the product plan's distortion.
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

import LinearAlgebra
import OptimalTransport

/// The initial plan of the descent of a single view.
public enum CandidateStart: String, Sendable, CaseIterable {
  /// The product plan a⊗b, with decreasing ε.
  case product
  /// The optimal plan of Mémoli's third lower bound on the view.
  case thirdLowerBound = "third lower bound"
}

/// Candidate plans between landmarks, each a local minimum for a single view, from which the joint descent may start.
struct CandidateSearch: Sendable {
  let problem: MultiViewProblem

  private var views: [CrossView] { problem.landmarkViews.views }
  private var source: [Double] { problem.first.weights }
  private var target: [Double] { problem.second.weights }

  /// A candidate plan and its distortion in all views.
  struct Candidate: Sendable {
    let plan: Matrix
    /// The index of the view that proposed the plan.
    let view: Int
    let start: CandidateStart
    /// The score s(P) = mean_c log max(r_c(P), 1e-3) over all views.
    let score: Double
  }

  /// Computes one candidate per view and start, in that order; identical views give identical candidates.
  ///
  /// Views are processed in parallel.
  func candidates() -> [Candidate] {
    let starts = CandidateStart.allCases
    var found = [Candidate?](repeating: nil, count: views.count * starts.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      forEachIndependent(of: views.count * starts.count) { index in
        let view = index / starts.count
        let start = starts[index % starts.count]
        // A view for which the lower bound has no solution proposes no candidate from it.
        guard let plan = try? self.plan(view, start) else { return }
        found[index] = Candidate(
          plan: plan, view: view, start: start, score: JointViews.score(problem.landmarkViews.ratios(of: plan)))
      }
    }
    return found.compactMap { $0 }
  }

  private func plan(_ view: Int, _ start: CandidateStart) throws -> Matrix {
    // ε is in units of squared distances, but the cost of a view is in units of its value at the product plan.
    let unit = views[view].unit
    let descent: AnnealedDescent
    let plan: Matrix
    switch start {
    case .product:
      descent = AnnealedDescent(schedule: .falling(from: 0.05 * unit, to: 0.005 * unit, over: 20), steps: 40)
      plan = Matrix(outer: source, target)
    case .thirdLowerBound:
      descent = AnnealedDescent(schedule: .falling(from: 0.01 * unit, to: 0.005 * unit, over: 8), steps: 30)
      let (x, y) = (try problem.first.between[view].space(source), try problem.second.between[view].space(target))
      let cost = ThirdLowerBound.cost(x, y, levels: Self.levels)
      let epsilon = 0.05 * max(cost.elements.reduce(0, max), .leastNormalMagnitude)
      plan = try Sinkhorn(epsilon: epsilon, stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 1000))
        .solve(LinearProblem(cost: cost, source: source, target: target)).coupling.plan
    }
    let view = JointViews([views[view]])
    return descent.run(from: plan, source: source, target: target) { JointViews.score(view.linearize($0, into: &$1)) }
      .plan
  }

  /// Twenty-five quantile levels from 0.02 to 0.98.
  private static let levels = (0..<25).map { 0.02 + 0.04 * Double($0) }
}

import LinearAlgebra
import OptimalTransport

/// Where the descent of a single view starts.
public enum CandidateStart: String, Sendable, CaseIterable {
  /// The product plan, with ε falling.
  case product
  /// The plan of Mémoli's third lower bound on that view.
  case thirdLowerBound = "third lower bound"
}

/// Plans between landmarks that some view by itself finds good: where an alignment may start.
struct CandidateSearch: Sendable {
  let problem: MultiViewProblem

  private var views: [CrossView] { problem.landmarkViews.views }
  private var source: [Double] { problem.first.weights }
  private var target: [Double] { problem.second.weights }

  /// A plan and r_c of all views at it.
  struct Candidate: Sendable {
    let plan: Matrix
    /// The view that proposed it.
    let view: Int
    let start: CandidateStart
    /// s(P) = mean_c log max(r_c, 1e-3) over all views.
    let score: Double
  }

  /// From each view and start one candidate, in that order; those of equal views are the same. On all threads.
  func candidates() -> [Candidate] {
    let starts = CandidateStart.allCases
    var found = [Candidate?](repeating: nil, count: views.count * starts.count)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      forEachIndependent(of: views.count * starts.count) { index in
        let view = index / starts.count
        let start = starts[index % starts.count]
        // A view whose lower bound cannot be posed proposes nothing from there.
        guard let plan = try? self.plan(view, start) else { return }
        found[index] = Candidate(plan: plan, view: view, start: start, score: JointViews.score(problem.landmarkViews.ratios(of: plan)))
      }
    }
    return found.compactMap { $0 }
  }

  private func plan(_ view: Int, _ start: CandidateStart) throws -> Matrix {
    // ε is meant in units of the squared distances, and the view's cost comes in units of its value at the product plan.
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
    return descent.run(from: plan, source: source, target: target) { JointViews.score(view.linearize($0, into: &$1)) }.plan
  }

  /// Twenty-five, from .02 to .98.
  private static let levels = (0..<25).map { 0.02 + 0.04 * Double($0) }
}

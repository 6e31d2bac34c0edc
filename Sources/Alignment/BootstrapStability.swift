import LinearAlgebra

/// How often the best alignment stays ahead of the runner-up under resampling of cells and views with replacement.
///
/// Each draw assigns random multiplicities to the landmarks of both modalities and draws as many views as there are.
/// F of the best and of the runner-up is recomputed for their reweighted plans, without another descent. A fraction
/// near 1 means that the decision does not depend on a few cells or views.
struct BootstrapStability {
  let problem: MultiViewProblem
  let draws: Int
  let seed: UInt64

  /// The fraction of draws in which the first plan has a lower score than the second.
  func share(_ best: Matrix, over next: Matrix) -> Double {
    var wins = [Bool](repeating: false, count: draws)
    wins.withUnsafeMutableBufferPointer { wins in
      nonisolated(unsafe) let wins = wins
      forEachIndependent(of: draws) { draw in
        var random = SeededGenerator(seed: seed, stream: "bootstrap-\(draw)")
        let rows = Self.multiplicities(problem.first.weights, &random)
        let columns = Self.multiplicities(problem.second.weights, &random)
        let views = problem.recipes.indices.map { _ in random.integer(below: problem.recipes.count) }
        func score(_ plan: Matrix) -> Double {
          let drawn = Matrix(rows: plan.rows, columns: plan.columns) { plan[$0, $1] * rows[$0] * columns[$1] }
          let mass = compensatedSum(drawn.elements)
          let plan = drawn.map { $0 / mass }
          let (a, b) = (plan.rowSums, plan.columnSums)
          var known: [Int: Double] = [:]
          for view in Set(views).sorted() {
            let cross = CrossView(problem.first.between[view], problem.second.between[view], source: a, target: b)
            known[view] = JointViews([cross]).ratios(of: plan)[0]
          }
          return JointViews.score(views.compactMap { known[$0] })
        }
        wins[draw] = score(best) < score(next)
      }
    }
    return Double(wins.count { $0 }) / Double(draws)
  }

  /// The multiplicity of each point in a multinomial sample of as many draws as points, relative to its expectation.
  private static func multiplicities(_ weights: [Double], _ random: inout SeededGenerator) -> [Double] {
    var counts = [Double](repeating: 0, count: weights.count)
    for _ in weights { counts[random.integer(below: weights.count)] += 1 }
    return counts
  }
}

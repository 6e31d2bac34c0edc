import LinearAlgebra

/// How often the best alignment stays the best when cells and views are drawn anew, with replacement.
///
/// Each draw gives every landmark of both modalities a random multiplicity, and takes as many views as there are at random; F of the best and of the
/// runner-up is taken again, their plans reweighted and not descended again. A share near 1 says that the decision doesn't hang on a few cells or views.
struct BootstrapStability {
  let problem: MultiViewProblem
  let draws: Int
  let seed: UInt64

  /// The share of draws in which the first plan scores lower than the second.
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

  /// How often each point is met by as many draws as there are points, against how often it is expected to be.
  private static func multiplicities(_ weights: [Double], _ random: inout SeededGenerator) -> [Double] {
    var counts = [Double](repeating: 0, count: weights.count)
    for _ in weights { counts[random.integer(below: weights.count)] += 1 }
    return counts
  }
}

extension JointEmbedding {
  /// Solves a problem from the plans of the same problem at a smaller λ.
  ///
  /// At a large λ each space settles into its own arbitrary embedding, and the remaining transport cost rotates the
  /// embeddings only slowly. At a small λ the two are matched first.
  ///
  /// - Parameters:
  ///   - problem: the problem at the desired λ.
  ///   - leading: the same spaces and target at a smaller λ; nil solves from the product of the marginals.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the solution, and the number of steps of both problems.
  /// - Throws: `ProblemError` if a parameter is out of range.
  public func solve(
    _ problem: JointEmbeddingProblem, leadBy leading: JointEmbeddingProblem?, monitor: Monitor? = nil
  ) throws(ProblemError) -> (solution: JointEmbeddingSolution, steps: Int) {
    guard let leading else {
      let solution = try solve(problem, monitor: monitor)
      return (solution, solution.iterations)
    }
    let first = try solve(leading, monitor: monitor)
    if first.status == .interrupted { return (first, first.iterations) }
    var follower = self
    follower.alternation.annealing = nil
    follower.alternation.noise = 0
    let solution = try follower.solve(problem, from: (first.first.plan, first.second.plan), monitor: monitor)
    return (solution, first.iterations + solution.iterations)
  }
}

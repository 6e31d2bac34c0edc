extension JointEmbedding {
  /// Solves a problem from the plans of another at a smaller λ. A large λ lays each image out by itself, as it happens to fall, and what is left of the
  /// transport between them only turns it slowly; at a small one they find each other first.
  ///
  /// - Parameters:
  ///   - problem: at the λ that is asked for.
  ///   - leading: the same spaces and target at a smaller λ; nil solves from the product of the marginals.
  ///   - monitor: is told each recorded step and may stop the iteration.
  /// - Returns: the solution, and the steps of both problems.
  /// - Throws: `ProblemError` when a parameter makes no sense.
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

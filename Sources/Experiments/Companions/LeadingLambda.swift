import OptimalTransport

extension JointEmbedding {
  /// Solves a problem from the plans of another at a smaller λ. A large λ lays each image out by itself, as it happens to fall, and what is left of the
  /// transport between them only turns it slowly; at a small one they find each other first.
  func solve(_ problem: JointEmbeddingProblem, leadBy leading: JointEmbeddingProblem?, monitor: Monitor? = nil) throws -> JointEmbeddingSolution {
    guard let leading else { return try solve(problem, monitor: monitor) }
    let first = try solve(leading, monitor: monitor)
    var follower = self
    follower.alternation.annealing = nil
    follower.alternation.noise = 0
    return try follower.solve(problem, from: (first.first.plan, first.second.plan), monitor: monitor)
  }
}

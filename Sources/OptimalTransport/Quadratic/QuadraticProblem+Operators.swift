import LinearAlgebra

extension QuadraticCost {
  /// Creates the cost of a Gromov–Wasserstein problem.
  ///
  /// - Parameters:
  ///   - problem: the problem.
  ///   - isMixed: whether to keep single-precision copies for inexact refreshes.
  package init(_ problem: QuadraticProblem, isMixed: Bool = false) {
    if problem.loss == .square {
      self.init(problem.source.geometry, problem.target.geometry, proximity: problem.proximity, isMixed: isMixed)
    } else {
      self.init(entropyBetween: problem.source.geometry, problem.target.geometry, isMixed: isMixed)
    }
  }
}

extension CanonicalOrder {
  /// The canonical order of the points of both spaces, in which feature costs count as well.
  static func of(_ problem: QuadraticProblem) -> PairOrder {
    let (a, b) = (problem.source.weights, problem.target.weights)
    let features = problem.finiteFeatures
    return PairOrder(
      rows: CanonicalOrder(labels: labels(problem.source.geometry, a, features.map { $0 * b })),
      columns: CanonicalOrder(labels: labels(problem.target.geometry, b, features?.transposedProduct(a))))
  }
}

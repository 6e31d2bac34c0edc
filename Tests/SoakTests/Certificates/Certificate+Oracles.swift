import LinearAlgebra
import OptimalTransport
import TestSupport

/// An oracle that has no answer, so that nothing can be said of the solver's.
struct OracleFailure: Error, CustomStringConvertible {
  let description: String
}

extension Certificate {
  /// The best balanced plan and its value by the network simplex, which is certified itself.
  ///
  /// Costs are taken in a unit of their own, since none beyond 1e150 is taken. Sums that rounding to single precision
  /// has made differ are those of the first side, as solvers take them.
  func exactOracle(_ cost: Matrix, _ a: [Double], _ b: [Double]) throws -> (value: Double, plan: Matrix) {
    let unit = max(1, Self.largest(cost))
    let (first, second) = (a.reduce(0, +), b.reduce(0, +))
    let target = abs(first - second) <= 1e-6 * first ? b.map { $0 * (first / second) } : b
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost.map { $0 / unit }, source: a, target: target))
    guard solution.status.isConverged else {
      throw OracleFailure(description: "the network simplex ends with \(solution.status)")
    }
    return (unit * solution.value, solution.coupling.plan)
  }

  /// The entropic plan by plain iterations, 30,000 at most.
  func entropicOracle(_ cost: Matrix, _ a: [Double], _ b: [Double], epsilon: Double) throws -> Matrix {
    for iterations in [300, 3000, 30_000] {
      let plan = sinkhornByDefinition(cost: cost, a: a, b: b, epsilon: epsilon, iterations: iterations)
      if missed(plan, a, b, by: 1e-8).isEmpty { return plan }
    }
    throw OracleFailure(description: "plain Sinkhorn iterations miss the weights after 30,000 rounds")
  }
}

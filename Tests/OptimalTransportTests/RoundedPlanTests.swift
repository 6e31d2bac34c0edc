import LinearAlgebra
import Testing

@testable import OptimalTransport

@Suite struct RoundedPlanTests {
  /// The marginals are met, and no more is moved than twice what was wrong.
  @Test func marginalsAreMet() {
    var random = SeededGenerator(seed: 1)
    let (a, b) = ((0..<6).map { $0 == 2 ? 0 : random.uniform() }, (0..<8).map { $0 == 5 ? 0 : random.uniform() })
    let (x, y) = (compensatedSum(a), compensatedSum(b))
    let (source, target) = (a.map { $0 / x }, b.map { $0 / y })
    let plan = Matrix(outer: source, target).map { $0 * (1 + 0.2 * (random.uniform() - 0.5)) }
    let rounded = plan.rounded(toMarginals: source, target)
    let errors = zip(plan.rowSums, source).map { abs($0 - $1) } + zip(plan.columnSums, target).map { abs($0 - $1) }
    #expect(Coupling(plan: rounded, source: source, target: target).marginalError < 1e-15)
    #expect(rounded.elements.allSatisfy { $0 >= 0 })
    #expect(zip(rounded.elements, plan.elements).reduce(0) { $0 + abs($1.0 - $1.1) } <= 2 * errors.reduce(0, +))
  }
}

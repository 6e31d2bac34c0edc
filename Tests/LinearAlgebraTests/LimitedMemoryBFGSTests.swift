import LinearAlgebra
import Testing

@Suite struct LimitedMemoryBFGSTests {
  /// Rosenbrock's valley in n dimensions; the minimum is 0 at (1, …, 1).
  private static func valley(_ x: UnsafeBufferPointer<Double>, _ gradient: UnsafeMutableBufferPointer<Double>) -> Double
  {
    gradient.update(repeating: 0)
    var value = 0.0
    for i in 0..<x.count - 1 {
      let (bend, step) = (x[i + 1] - x[i] * x[i], 1 - x[i])
      value += 100 * bend * bend + step * step
      gradient[i] -= 400 * bend * x[i] + 2 * step
      gradient[i + 1] += 200 * bend
    }
    return value
  }

  @Test(arguments: [2, 7, 8, 9, 40]) func findsTheMinimumOfABentValley(dimension: Int) {
    let start = (0..<dimension).map { $0 % 2 == 0 ? -1.2 : 1.0 }
    let answer = LimitedMemoryBFGS(tolerance: 1e-9).minimize(from: start, evaluate: Self.valley)
    #expect(answer.outcome == .converged)
    #expect(answer.point.allSatisfy { abs($0 - 1) < 1e-7 } && answer.value < 1e-14, "\(answer)")
  }

  @Test func limitsAndStopsAreSaid() {
    let start = [-1.2, 1]
    let limited = LimitedMemoryBFGS(tolerance: 1e-9, iterationLimit: 3).minimize(from: start, evaluate: Self.valley)
    #expect(limited.outcome == .iterationLimit && limited.iterations == 3)
    let stopped = LimitedMemoryBFGS(tolerance: 1e-9).minimize(
      from: start, watch: { count, _, _ in count < 5 }, evaluate: Self.valley)
    #expect(stopped.outcome == .interrupted && stopped.iterations == 5)
    let there = LimitedMemoryBFGS().minimize(from: [1, 1], evaluate: Self.valley)
    #expect(there.outcome == .converged && there.iterations == 0)
    // |x| has no gradient at its minimum.
    let kink = LimitedMemoryBFGS(tolerance: 1e-12).minimize(from: [0.3]) { x, gradient in
      gradient[0] = x[0] < 0 ? -1 : 1
      return abs(x[0])
    }
    if case .stalled = kink.outcome {} else { Issue.record("\(kink)") }
  }
}

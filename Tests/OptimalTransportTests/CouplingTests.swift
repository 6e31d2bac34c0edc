import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct CouplingTests {
  @Test func projectionIsTheMeanUnderEachRow() {
    let coupling = Coupling(
      plan: Matrix(rows: 3, columns: 2, elements: [0.25, 0.25, 0, 0.5, 0, 0]), source: [0.5, 0.5, 0],
      target: [0.25, 0.75])
    let points = Matrix(rows: 2, columns: 2, elements: [0, 0, 4, 8])
    let image = coupling.barycentricProjection(onto: points)
    #expect(Array(image[row: 0]) == [2, 4])
    #expect(Array(image[row: 1]) == [4, 8])
    // A point without mass goes to the mean of the target.
    #expect(Array(image[row: 2]) == [3, 6])
    #expect(coupling.marginalError == 0)
  }

  @Test func marginalErrorAddsBothSides() {
    let coupling = Coupling(plan: Matrix(rows: 2, columns: 1, elements: [0.5, 0.25]), source: [0.5, 0.5], target: [1])
    #expect(coupling.marginalError == 0.5)
    #expect(coupling.transposed.plan == Matrix(rows: 1, columns: 2, elements: [0.5, 0.25]))
  }
}

/// Results do not depend on the number of threads, nor on who else is at work.
@Suite struct ReproducibilityTests {
  @Test func sinkhornGivesTheSameBitsOnOneAndTwoThreads() throws {
    let problem = try SinkhornTests.randomProblem(600, 700, seed: 20)
    let solver = Sinkhorn(epsilon: 0.05, stopping: .init(tolerance: 1e-10, iterationLimit: 500))
    let one = try Threads.limited(to: 1) { try solver.solve(problem).coupling.plan }
    let two = try Threads.limited(to: 2) { try solver.solve(problem).coupling.plan }
    #expect(one == two)
  }

  @Test func gromovWassersteinGivesTheSameBitsOnOneAndTwoThreads() throws {
    var random = SeededGenerator(seed: 21)
    let (x, y) = (
      Matrix(rows: 320, columns: 3) { _, _ in random.normal() },
      Matrix(rows: 290, columns: 2) { _, _ in random.normal() }
    )
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: DistanceGeometry.euclidean(points: x).matrix),
      target: MetricMeasureSpace(geometry: .euclidean(points: y)))
    let solvers: [(QuadraticProblem) throws -> GromovWassersteinSolution] = [
      { try GromovWasserstein(stopping: .init(tolerance: 1e-9, iterationLimit: 20)).solve($0) },
      { try EntropicGromovWasserstein(epsilon: 0.5, stopping: .init(tolerance: 1e-9, iterationLimit: 20)).solve($0) },
    ]
    for solve in solvers {
      let one = try Threads.limited(to: 1) { try solve(problem).coupling.plan }
      for threads in [2, 3] { #expect(try Threads.limited(to: threads) { try solve(problem).coupling.plan } == one) }
    }
  }

  /// Four callers solve at once, each with a limit of its own.
  @Test func solvesAtOnceWithOtherLimitsGiveTheSameBits() throws {
    let problem = try SinkhornTests.randomProblem(300, 350, seed: 22)
    let solver = Sinkhorn(epsilon: 0.05, stopping: .init(tolerance: 1e-10, iterationLimit: 200))
    let expected = try solver.solve(problem).coupling.plan
    var plans = [Matrix?](repeating: nil, count: 4)
    plans.withUnsafeMutableBufferPointer { plans in
      nonisolated(unsafe) let plans = plans
      DispatchQueue.concurrentPerform(iterations: 4) { caller in
        Threads.limited(to: caller + 1) { plans[caller] = try? solver.solve(problem).coupling.plan }
      }
    }
    for plan in plans { #expect(plan == expected) }
  }
}

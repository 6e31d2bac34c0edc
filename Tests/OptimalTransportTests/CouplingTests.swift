import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct CouplingTests {
  @Test func projectionIsTheMeanUnderEachRow() {
    let coupling = Coupling(
      plan: Matrix(rows: 3, columns: 2, elements: [0.25, 0.25, 0, 0.5, 0, 0]), source: [0.5, 0.5, 0], target: [0.25, 0.75])
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

/// Results must not depend on the number of threads; only BLAS may differ in last bits.
@Suite(.serialized) struct ReproducibilityTests {
  @Test func sinkhornGivesTheSameBitsOnOneAndTwoThreads() throws {
    let problem = try SinkhornTests.randomProblem(600, 700, seed: 20)
    let solver = Sinkhorn(epsilon: 0.05, stopping: .init(tolerance: 1e-10, iterationLimit: 500))
    Threads.use(1)
    let one = try solver.solve(problem).coupling.plan
    Threads.use(2)
    let two = try solver.solve(problem).coupling.plan
    Threads.use(1)
    #expect(one == two)
  }
}

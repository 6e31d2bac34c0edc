import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

@Suite struct MonitorTests {
  private final class Looks: @unchecked Sendable {
    private let lock = NSLock()
    private var points: [Trace.Point] = []

    func add(_ point: Trace.Point) { lock.withLock { points.append(point) } }
    var all: [Trace.Point] { lock.withLock { points } }
  }

  @Test func looksLieATenthOfASecondApart() {
    let looks = Looks()
    let run = iterate(StoppingRule(tolerance: 0, iterationLimit: 20, interval: 2)) { point in
      looks.add(point)
      return true
    } step: { _ in
      usleep(20_000)
      return .advanced(residual: 1)
    }
    #expect(run.status == .iterationLimit && run.trace.points.count == 11)
    let seen = looks.all
    #expect(seen.first?.iteration == 1)
    #expect(seen.count >= 2 && seen.count <= 1 + Int((run.trace.points.last?.secondsElapsed ?? 0) / 0.1))
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $1.secondsElapsed - $0.secondsElapsed > 0.0999 })
    #expect(Set(seen.map(\.iteration)).isSubset(of: run.trace.points.map(\.iteration)))
  }

  /// Between isometric spaces a second descent follows, whose interruption is the answer's.
  @Test func anInterruptedSecondDescentShows() throws {
    let points = Matrix(rows: 8, columns: 1) { i, _ in Double(i * i) / 20 }
    let space = try MetricMeasureSpace(geometry: .euclidean(points: points))
    let problem = try QuadraticProblem(source: space, target: space)
    let looks = Looks()
    let solver = EntropicGromovWasserstein(epsilon: 0.05, stopping: .init(tolerance: 0, iterationLimit: 20))
    let solution = try solver.solve(problem) { point in
      looks.add(point)
      return looks.all.count { $0.iteration == 1 } < 2
    }
    #expect(looks.all.count { $0.iteration == 1 } == 2)
    #expect(solution.status == .interrupted)
    let first = try GromovWasserstein().solve(problem) { _ in false }
    #expect(first.status == .interrupted && first.iterations == 1)
  }

  @Test func treesAreInterrupted() throws {
    let costs = [Matrix(rows: 3, columns: 4) { Double(($0 + 2 * $1) % 5) }, Matrix(rows: 4, columns: 2) { Double($0 * $1) }]
    let problem = try MultiMarginalProblem(
      topology: .chain(3), marginals: [.init(weights: .uniform(3)), .init(freeOver: 4), .init(weights: [0.2, 0.8])], costs: costs,
      reference: .uniform)
    let solution = try TreeSinkhorn(epsilon: 0.05, stopping: .init(tolerance: 0, iterationLimit: 1000)).solve(problem) { _ in false }
    #expect(solution.status == .interrupted && solution.iterations < 30)
  }
}

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

  /// What a solver with starts says of itself.
  struct Ending: Sendable {
    let status: Status
    let numbers: [Double]

    init(_ status: Status, _ value: Double, _ plan: Matrix) {
      (self.status, numbers) = (status, [value] + plan.elements)
    }
  }

  /// Solvers that go on to another start between symmetric spaces or tables, or are asked for several.
  struct Search: Sendable, CustomTestStringConvertible {
    let name: String
    let solve: @Sendable (Monitor?) throws -> Ending

    var testDescription: String { name }

    /// Distances on a cycle, its points in some order.
    private static func cycle(_ count: Int, step: Int = 1) -> Matrix {
      Matrix(rows: count, columns: count) { i, j in
        let apart = abs(i * step % count - j * step % count)
        return Double(min(apart, count - apart))
      }
    }

    private static func problem(relaxation: MarginalRelaxation = .balanced, isFused: Bool = false) throws
      -> QuadraticProblem
    {
      let features = Matrix(rows: 9, columns: 9) { Double(($0 + 2 * $1) % 4) }
      return try QuadraticProblem(
        source: MetricMeasureSpace(distances: cycle(9)), target: MetricMeasureSpace(distances: cycle(9, step: 2)),
        features: isFused ? features : nil, alpha: isFused ? 0.5 : 1, relaxation: relaxation)
    }

    private static func quadratic(_ solution: GromovWassersteinSolution) -> Ending {
      Ending(solution.status, solution.regularizedValue, solution.coupling.plan)
    }

    private static let never = StoppingRule(tolerance: 0, iterationLimit: 100)

    static let all = [
      Search(name: "gw") { quadratic(try GromovWasserstein(stopping: never).solve(problem(), monitor: $0)) },
      Search(name: "fgw") {
        quadratic(try GromovWasserstein(stopping: never).solve(problem(isFused: true), monitor: $0))
      },
      Search(name: "gw from nine starts") { monitor in
        let report = try MultiStart(starts: 9).solve(problem(isFused: true), monitor: monitor) {
          problem, start, monitor throws(ProblemError) in
          try GromovWasserstein(stopping: never).solve(problem, from: start, monitor: monitor)
        }
        return quadratic(report.best)
      },
      Search(name: "semi-relaxed-gw") {
        quadratic(
          try SemiRelaxedGromovWasserstein(starts: 6, stopping: never).solve(
            problem(relaxation: .semiRelaxed), monitor: $0))
      },
      Search(name: "entropic-gw") {
        quadratic(try EntropicGromovWasserstein(epsilon: 0.1, stopping: never).solve(problem(), monitor: $0))
      },
      Search(name: "ugw") {
        let relaxed = try problem(relaxation: .init(source: 1, target: 1))
        let solution = try UnbalancedGromovWasserstein(epsilon: 0.1, stopping: never).solve(relaxed, monitor: $0)
        return Ending(solution.status, solution.regularizedValue, solution.coupling.plan)
      },
      Search(name: "coot") { try table(CoOptimalTransport(stopping: never), $0) },
      Search(name: "entropic coot") {
        try table(CoOptimalTransport(sampleEpsilon: 0.1, featureEpsilon: 0.1, stopping: never), $0)
      },
      Search(name: "ucoot") {
        let tables = try CoOptimalProblem(source: cycle(9), target: cycle(8), relaxation: .init(source: 1, target: 1))
        let solution = try AnchoredStarts().solve(
          tables, by: UnbalancedCoOptimalTransport(epsilon: 0.1, stopping: never), monitor: $0)
        return Ending(solution.status, solution.regularizedValue, solution.samples.plan)
      },
      Search(name: "ccot") {
        let tables = try ConicProblem(
          first: Hypernetwork(values: .dense(cycle(9))), second: Hypernetwork(values: .dense(cycle(8))), delta: 1)
        let solution = try AnchoredStarts().solve(
          tables, by: ConicCoOptimalTransport(SemiCouplingAscent(stopping: never)), monitor: $0)
        return Ending(solution.status, solution.squaredDistance, solution.nodes.source)
      },
      Search(name: "cgw") {
        let networks = try ConicProblem(first: .network(.dense(cycle(9))), second: .network(.dense(cycle(8))), delta: 1)
        let solution = try AnchoredStarts().solve(
          networks, by: ConicGromovWasserstein(SemiCouplingAscent(stopping: never)), monitor: $0)
        return Ending(solution.status, solution.upperSquared, solution.coupling.source)
      },
      Search(name: "barycenter of distances") {
        let spaces = try [cycle(9), cycle(8)].map { try MetricMeasureSpace(distances: $0) }
        let solution = try DistanceMatrixBarycenter(epsilon: 0.1, stopping: never)
          .solve(spaces, from: MetricMeasureSpace(distances: cycle(7)), monitor: $0)
        return Ending(solution.status, solution.loss, solution.distances)
      },
      Search(name: "joint embedding from three starts") { monitor in
        let space = try MetricMeasureSpace(distances: cycle(9))
        let target = DistanceGeometry.symmetric(cycle(10))
        func problem(_ lambda: Double) throws -> JointEmbeddingProblem {
          try JointEmbeddingProblem(first: space, second: space, target: target, lambda: lambda)
        }
        let (last, leading) = (try problem(10), try problem(1))
        let solution = try StartSearch.over(3, monitor: monitor, by: \.value) { start, monitor in
          try JointEmbedding(epsilon: 0.01, seed: UInt64(start), stopping: never).solve(
            last, leadBy: leading, monitor: monitor
          ).solution
        }.answer
        return Ending(solution.status, solution.value, solution.matching.plan)
      },
    ]

    private static func table(_ solver: CoOptimalTransport, _ monitor: Monitor?) throws -> Ending {
      let tables = try CoOptimalProblem(source: cycle(9), target: cycle(8))
      let solution = try AnchoredStarts().solve(tables, by: solver, monitor: monitor)
      return Ending(solution.status, solution.regularizedValue, solution.samples.plan)
    }
  }

  /// Whoever says stop, at once or later, is not asked again: no further start begins.
  @Test(arguments: Search.all) func noStartBeginsAfterAStop(search: Search) throws {
    for most in 1...6 {
      let looks = Looks()
      let ending = try search.solve { point in
        looks.add(point)
        return looks.all.count < most
      }
      #expect(looks.all.count <= most, "\(looks.all.count) looks, of which \(most) was the last")
      #expect(
        looks.all.count < most || ending.status == .interrupted,
        "\(ending.status) after \(looks.all.count) of \(most) looks")
      let isFinite = ending.numbers.allSatisfy { $0.isFinite }
      #expect(isFinite)
      if most == 1 { #expect(ending.status == .interrupted) }
    }
  }

  /// What searches for a start without iterations of its own asks as well, every tenth of a second.
  @Test func searchesBetweenIterationsAreWatched() {
    let looks = Looks()
    let watch = Watch { point in
      looks.add(point)
      return false
    }
    #expect(watch.goesOn(step: 1) && looks.all.isEmpty)
    usleep(110_000)
    #expect(!watch.goesOn(step: 2, objective: 3) && watch.hasStopped)
    #expect(!watch.goesOn(step: 3) && watch.monitor?(looks.all[0]) == false)
    #expect(looks.all.map(\.iteration) == [2] && looks.all[0].objective == 3)
    #expect(Watch(nil).goesOn(step: 1) && Watch(nil).monitor == nil)
  }

  @Test func treesAreInterrupted() throws {
    let costs = [
      Matrix(rows: 3, columns: 4) { Double(($0 + 2 * $1) % 5) }, Matrix(rows: 4, columns: 2) { Double($0 * $1) },
    ]
    let problem = try MultiMarginalProblem(
      topology: .chain(3), marginals: [.init(weights: .uniform(3)), .init(freeOver: 4), .init(weights: [0.2, 0.8])],
      costs: costs,
      reference: .uniform)
    let solution = try TreeSinkhorn(epsilon: 0.05, stopping: .init(tolerance: 0, iterationLimit: 1000)).solve(problem) {
      _ in false
    }
    #expect(solution.status == .interrupted && solution.iterations < 30)
  }
}

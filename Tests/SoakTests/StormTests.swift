import Alignment
import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import UserProblems

/// Problems drawn with ill will over every solver: each ends in a sentence, or in an answer without NaN whose `converged` can be checked.
@Suite(.serialized) struct StormTests {
  private static let folder = TemporaryFolder()

  @Test(arguments: SolverEntry.all.map(\.name)) func everySolver(name: String) throws {
    let entry = try SolverEntry.named(name)
    let started = Date()
    var random = SeededGenerator(seed: 77, stream: name)
    var (refused, converged, limited) = (0, 0, 0)
    let count = Soak.count(2000, sample: 25)
    let path = "\(Soak.fastFolder)/otlab-storm-\(getpid())-\(name).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for number in 0..<count {
      let problem = AdversarialProblem(for: entry, random: &random)
      try HDF5.write(problem.arrays.map { ($0.name, $0.array) }, to: path)
      do {
        let answer = try entry.solve(InputFiles([path]), settings: problem.settings).answer
        for fault in Self.faults(of: answer, problem, solver: name) { Issue.record("\(name) \(number): \(fault): \(problem.description)") }
        if answer.isConverged { converged += 1 } else { limited += 1 }
      } catch {
        #expect(error is DataError || error is DocumentError, "\(name) \(number): \(error): \(problem.description)")
        refused += 1
      }
    }
    #expect(converged + limited >= count / 10, "\(name): \(refused) of \(count) are refused, so that hardly anything is tried")
    Soak.report(
      "storm", name, cases: count,
      outcome: "\(converged) converged, \(limited) at their limit, \(refused) refused; no NaN, certificates hold",
      since: started)
  }

  /// Solvers whose plans keep prescribed marginals.
  private static let balanced: Set<String> = ["emd", "sinkhorn", "gw", "entropic-gw", "fgw", "fot"]

  private static func faults(of answer: SolverAnswer, _ problem: AdversarialProblem, solver: String) -> [String] {
    var faults: [String] = []
    for (name, array) in answer.arrays where array.elements.contains(where: \.isNaN) { faults.append("\(name) holds NaN") }
    for (name, value) in answer.numbers where value.isNaN { faults.append("\(name) is NaN") }
    for (name, plan) in answer.plans {
      let matrix: Matrix
      switch plan {
      case .full(let coupling): matrix = coupling.plan
      case .sparse(let entries, let rows, let columns):
        var dense = Matrix(rows: rows, columns: columns)
        for entry in entries { dense[entry.row, entry.column] += entry.mass }
        matrix = dense
      }
      let total = matrix.elements.reduce(0, +)
      if !matrix.elements.allSatisfy({ $0.isFinite && $0 >= -1e-12 * max(total, 1e-300) }) {
        faults.append("\(name) has an entry that is negative or not finite")
      }
      guard answer.isConverged, name == "plan", balanced.contains(solver) else { continue }
      for (side, sums) in [("a", rowSums(matrix)), ("b", rowSums(matrix.transposed))] {
        let weights = problem.array(side)?.elements ?? [Double](repeating: 1 / Double(sums.count), count: sums.count)
        let mass = weights.reduce(0, +)
        let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / mass
        if !(error < 1e-6) { faults.append("it says converged, but \(side) is missed by \(error) of the mass") }
      }
    }
    if solver == "emd", answer.isConverged, let fault = fault(ofCertificate: answer, problem) { faults.append(fault) }
    if answer.isConverged, let value = answer.numbers.first(where: { $0.name == "value" })?.value, !value.isFinite {
      faults.append("it says converged with the value \(value)")
    }
    return faults
  }

  /// The potentials of an exact plan: below the cost everywhere, and worth as much as the plan.
  private static func fault(ofCertificate answer: SolverAnswer, _ problem: AdversarialProblem) -> String? {
    guard let cost = problem.array("C")?.matrix, let value = answer.numbers.first(where: { $0.name == "value" })?.value,
      let f = answer.arrays.first(where: { $0.name == "f" })?.array.elements,
      let g = answer.arrays.first(where: { $0.name == "g" })?.array.elements
    else { return nil }
    let a = problem.array("a")?.elements ?? .init(repeating: 1 / Double(f.count), count: f.count)
    let b = problem.array("b")?.elements ?? .init(repeating: 1 / Double(g.count), count: g.count)
    let scale = cost.elements.map { abs($0) }.max() ?? 0
    let worst = f.indices.flatMap { i in g.indices.map { j in f[i] + g[j] - cost[i, j] } }.max() ?? 0
    if worst > 1e-9 * scale { return "the potentials exceed the cost by \(worst)" }
    let dual = zip(f, a).map { $0 * $1 }.reduce(0, +) + zip(g, b).map { $0 * $1 }.reduce(0, +)
    return abs(dual - value) > 1e-7 * scale * a.reduce(0, +) ? "the dual value \(dual) is not the plan's \(value)" : nil
  }

  private static func rowSums(_ matrix: Matrix) -> [Double] {
    (0..<matrix.rows).map { i in (0..<matrix.columns).reduce(0) { $0 + matrix[i, $1] } }
  }

  @Test func jointEmbedding() throws {
    let started = Date()
    var random = SeededGenerator(seed: 78)
    let count = Soak.count(400, sample: 20)
    var (converged, refused) = (0, 0)
    for number in 0..<count {
      func space() throws -> MetricMeasureSpace {
        let n = 1 + random.integer(below: 6)
        let scale = [1e-150, 1e-6, 1, 1, 1, 1e6, 1e150][random.integer(below: 7)]
        let points = Matrix(rows: n, columns: 2) { _, _ in scale * Double(random.integer(below: 4)) }
        var weights = (0..<n).map { _ in random.uniform() < 0.3 ? 0 : random.uniform() }
        weights[0] = 0.5
        let total = weights.reduce(0, +)
        return try MetricMeasureSpace(geometry: .euclidean(points: points), weights: weights.map { $0 / total })
      }
      let (lambda, epsilon) = ([1e-12, 0.1, 10, 1e12][random.integer(below: 4)], [1e-12, 1e-3, 0.1, 1e6][random.integer(below: 4)])
      let side = 1 + random.integer(below: 3)
      let target = Matrix(rows: side * side, columns: 2) { i, axis in Double(axis == 0 ? i / side : i % side) }
      do {
        let problem = try JointEmbeddingProblem(
          first: try space(), second: try space(), target: .euclidean(points: target), lambda: lambda, convention: .normalized)
        let solution = try JointEmbedding(
          epsilon: epsilon, stopping: .init(tolerance: 1e-5, iterationLimit: 20), innerStopping: .init(tolerance: 1e-6, iterationLimit: 200)
        ).solve(problem)
        #expect(solution.value.isFinite, "\(number)")
        if solution.status.isConverged { converged += 1 }
      } catch is ProblemError {
        refused += 1
      }
    }
    #expect(refused < count)
    Soak.report(
      "storm", "joint embedding", cases: count, outcome: "\(converged) converged, \(refused) refused; values finite", since: started)
  }

  @Test func multiViewAlignment() throws {
    let started = Date()
    var random = SeededGenerator(seed: 79)
    let count = Soak.count(300, sample: 12)
    var refused = 0
    for _ in 0..<count {
      var drawn: [String] = []
      func cells() -> Matrix {
        let style = random.integer(below: 4)
        let scale = [1e-12, 1, 1, 1e12][random.integer(below: 4)]
        defer { drawn.append("style \(style), scale \(scale)") }
        return Matrix(rows: 1 + random.integer(below: 60), columns: 1 + random.integer(below: 5)) { _, _ in
          style == 0 ? scale : style == 1 ? scale * Double(random.integer(below: 3)) : scale * random.normal()
        }
      }
      do {
        let solution = try MultiViewAlignment(bootstrapDraws: 3).solve(try MultiViewProblem(cells(), cells()))
        let isSound = solution.coupling.plan.elements.allSatisfy { $0.isFinite && $0 >= 0 }
        #expect(isSound, "\(drawn) \(solution.status)")
        #expect(!(solution.margin ?? 0).isNaN && !(solution.stability ?? 0).isNaN)
        #expect(!solution.firstInSecond.elements.contains { $0.isNaN })
      } catch {
        refused += 1
      }
    }
    #expect(refused < count)
    Soak.report("storm", "many views", cases: count, outcome: "\(refused) refused; no NaN", since: started)
  }
}

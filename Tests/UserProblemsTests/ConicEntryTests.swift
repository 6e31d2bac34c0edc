import Datasets
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import UserProblems

@Suite struct ConicEntryTests {
  private struct Missing: Error {}

  private static let ring = (0..<8).map { (row: $0, column: ($0 + 1) % 8) }
  private static let path = (0..<5).map { (row: $0, column: $0 + 1) }

  private static func edges(_ pairs: [(row: Int, column: Int)]) -> NumericArray {
    NumericArray(shape: [pairs.count, 2], elements: pairs.flatMap { [Double($0.row), Double($0.column)] })
  }

  private static func graph(_ count: Int, _ pairs: [(row: Int, column: Int)]) throws -> Adjacency {
    try Adjacency(rows: count, columns: count, ones: pairs + pairs.map { (row: $0.column, column: $0.row) })
  }

  private static func sentence(_ folder: ProblemFolder, _ solver: String, _ input: String, _ settings: [String])
    -> String
  {
    do {
      _ = try folder.solve(solver, input, settings: settings)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func answersAreTheLibrarys() throws {
    let folder = try ProblemFolder()
    let first = try Hypernetwork(values: .dense(folder.features))
    let second = try Hypernetwork(values: .dense(folder.features.transposed))
    let tables = try ConicCoOptimalTransport().solve(ConicProblem(first: first, second: second, delta: 0.5))
    let ccot = try folder.solve("ccot", "./data.h5", settings: ["delta=0.5"])
    #expect(ccot.number("value") == tables.squaredDistance && ccot.isConverged && tables.squaredDistance > 0)
    #expect(ccot.plans.map(\.name) == ["P0", "P1", "Q0", "Q1"])
    guard case .full(let last)? = ccot.plans.last?.plan else { throw Missing() }
    #expect(last.plan == tables.hyperedges.target)

    let distances = squaredDistances(folder.x, folder.y).map { $0.squareRoot() }
    let cone = try ConicTransport().solve(distances: distances, source: folder.a, target: folder.b, delta: 1.5)
    let answer = try folder.solve("uot-cone", "./points.h5", settings: ["delta=1.5"])
    #expect(answer.number("value") == cone.squaredDistance && answer.isConverged && (answer.number("gap") ?? 1) < 1e-4)
  }

  /// A graph by its edges and by its matrix of zeros and ones is one network.
  @Test func networksComeAsEdgesOrValues() throws {
    let folder = try ProblemFolder()
    let (ring, path) = (try Self.graph(8, Self.ring), try Self.graph(6, Self.path))
    let weights = randomWeights(6, seed: 1)
    try folder.write(
      "edges", [("E1", Self.edges(Self.ring)), ("E2", Self.edges(Self.path)), ("b", NumericArray(weights))])
    try folder.write(
      "values", [("W1", NumericArray(ring.matrix)), ("W2", NumericArray(path.matrix)), ("b", NumericArray(weights))])
    let problem = try ConicProblem(
      first: .network(.adjacency(ring)), second: .network(.adjacency(path), weights: weights),
      kernel: .wassersteinFisherRao(), delta: 0.8)
    let solution = try AnchoredStarts().solve(problem, by: ConicGromovWasserstein())
    let settings = ["delta=0.8", "kernel=cosine"]
    for name in ["./edges.h5", "./values.h5"] {
      let answer = try folder.solve("cgw", name, settings: settings)
      #expect(abs((answer.number("value") ?? .nan) - solution.upperSquared) < 1e-12)
      #expect((answer.number("lower_value") ?? 1) <= solution.upperSquared + 1e-9)
    }
    let directed = try folder.solve("cgw", "./edges.h5", settings: settings + ["directed=true"])
    #expect(abs((directed.number("value") ?? .nan) - solution.upperSquared) > 1e-6)
  }

  @Test func badInputIsNamed() throws {
    let folder = try ProblemFolder()
    try folder.write(
      "outside", [("E1", Self.edges(Self.ring)), ("E2", Self.edges(Self.path)), ("b", NumericArray([0.5, 0.5]))])
    try folder.write(
      "negative",
      [
        ("W1", NumericArray(Matrix(rows: 2, columns: 2))), ("W2", NumericArray(Matrix(rows: 2, columns: 2))),
        ("a", NumericArray([1, -1])),
      ])
    try folder.write(
      "broken", [("E1", NumericArray(Matrix(rows: 1, columns: 2, elements: [0, 1.5]))), ("E2", Self.edges(Self.path))])
    try folder.write(
      "both",
      [("W1", NumericArray(Matrix(rows: 2, columns: 2))), ("E1", Self.edges(Self.path)), ("E2", Self.edges(Self.path))])
    try folder.write(
      "nan",
      [
        ("X", NumericArray(Matrix(rows: 1, columns: 2, elements: [0, .nan]))),
        ("Y", NumericArray(Matrix(rows: 1, columns: 2))),
      ])
    #expect(
      Self.sentence(folder, "cgw", "./outside.h5", ["delta=1"]).contains(
        "edge 1 of the adjacency matrix is (1, 2), but a row from 0 to 1"))
    #expect(
      Self.sentence(folder, "cgw", "./negative.h5", ["delta=1"]).contains(
        "the weights of W1 holds the negative weight -1.0 at index 1"))
    #expect(Self.sentence(folder, "cgw", "./broken.h5", ["delta=1"]).contains("edge 0 of 'E1' names the node 1.5"))
    #expect(Self.sentence(folder, "cgw", "./both.h5", ["delta=1"]).contains("either W1 or E1, not both"))
    #expect(Self.sentence(folder, "ccot", "./nan.h5", ["delta=1"]).contains("'X' holds nan at (0, 1)"))
    #expect(Self.sentence(folder, "ccot", "./data.h5", ["delta=0"]).contains("delta"))
    #expect(Self.sentence(folder, "ccot", "./data.h5", []).contains("'delta' is missing"))
    let short = Self.sentence(folder, "ccot", "./data.h5", ["delta=0.1", "kernel=cosine", "evaluation=cosine"])
    #expect(
      short.contains("δ for the cosine method is 0.1, but at least 0.6")
        && short.contains("the direct method accepts any δ"))
  }
}

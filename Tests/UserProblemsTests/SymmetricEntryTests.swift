import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import UserProblems

/// What the commands do by default with symmetric tables and graphs.
@Suite struct SymmetricEntryTests {
  private static let unit = Matrix(rows: 8, columns: 8) { $0 == $1 ? 1 : 0 }

  private static func relabeled(_ edges: [(Int, Int)], _ count: Int) -> NumericArray {
    var random = SeededGenerator(seed: 11)
    let order = random.permutation(count)
    let pairs = edges.reversed().flatMap { [Double(order[$0.0]), Double(order[$0.1])] }
    return NumericArray(shape: [edges.count, 2], elements: pairs)
  }

  @Test func tablesFindTheirPermutation() throws {
    let folder = try ProblemFolder()
    var random = SeededGenerator(seed: 12)
    let (rows, columns) = (random.permutation(8), random.permutation(8))
    let permuted = Matrix(rows: 8, columns: 8) { Self.unit[rows[$0], columns[$1]] }
    try folder.write("unit", [("X", NumericArray(Self.unit)), ("Y", NumericArray(permuted))])
    for (solver, settings) in [("coot", []), ("ccot", ["delta=1"]), ("ccot", ["delta=0.3", "kernel=cosine"])]
      as [(String, [String])]
    {
      let answer = try folder.solve(solver, "./unit.h5", settings: settings)
      #expect(try #require(answer.number("value")) < 1e-9 && answer.isConverged, "\(solver)")
      let single = try folder.solve(solver, "./unit.h5", settings: settings + ["starts=1"])
      #expect(try #require(single.number("value")) >= #require(answer.number("value")))
    }
    let settings = ["rho1=1", "rho2=1", "epsilon=0.01"]
    let relaxed = try folder.solve("ucoot", "./unit.h5", settings: settings)
    let single = try folder.solve("ucoot", "./unit.h5", settings: settings + ["starts=1"])
    #expect(try #require(relaxed.number("regularized_value")) <= #require(single.number("regularized_value")))
  }

  @Test(arguments: [3, 4, 6, 12]) func graphsFindTheirPermutation(nodes: Int) throws {
    let folder = try ProblemFolder()
    let cycle = (0..<nodes).map { ($0, ($0 + 1) % nodes) }
    let path = Array(cycle.dropLast())
    let complete = (0..<nodes).flatMap { i in (0..<i).map { (i, $0) } }
    for (number, edges) in [cycle, path, complete].enumerated() {
      let own = NumericArray(shape: [edges.count, 2], elements: edges.flatMap { [Double($0.0), Double($0.1)] })
      try folder.write("graph\(number)", [("E1", own), ("E2", Self.relabeled(edges, nodes))])
      let answer = try folder.solve("cgw", "./graph\(number).h5", settings: ["delta=1"])
      #expect(try #require(answer.number("value")) < 1e-9 && answer.isConverged, "\(number)")
    }
  }
}

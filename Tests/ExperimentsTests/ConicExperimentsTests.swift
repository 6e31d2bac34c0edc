import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import TestSupport
import Testing
import YAML

@testable import Experiments
@testable import SolverCatalogue

@Suite struct ConicExperimentsTests {
  private static let context = RunContext(inputs: [:], report: { _ in })

  private static func fields(_ yaml: String) throws -> Fields {
    try Fields(Node(yaml: yaml, option: "--set data"), path: "data")
  }

  /// Ink at the corners of a knight's move and beside: who touches whom, and the share of pairs that do.
  @Test func graphsJoinPixelsThatTouch() throws {
    var ink = Matrix(rows: 3, columns: 4)
    for (place, value) in [(0, 1.0), (1, 2), (6, 3), (11, 4)] { ink.elements[place] = value }
    let graph = try #require(try ImageGraph(ink))
    // Pixels (0,0), (0,1), (1,2), (2,3) are a path.
    let expected = Matrix(rows: 4, columns: 4) { abs($0 - $1) == 1 ? 1 : 0 }
    #expect(graph.adjacency.matrix == expected && graph.masses == [0.1, 0.2, 0.3, 0.4])
    #expect(abs(graph.edgeDensity - dot(graph.masses, expected * graph.masses)) < 1e-15)
    let part = try #require(try ImageGraph(ink, pixels: [11, 5, 0, 1]))
    #expect(part.count == 3 && part.adjacency.count == 2)
    #expect(try ImageGraph(ink, pixels: [5]) == nil)
  }

  @Test func valueAtTheProductPlanIsTheObjective() throws {
    var random = SeededGenerator(seed: 1)
    func graph() throws -> ImageGraph {
      try #require(
        try ImageGraph(Matrix(rows: 5, columns: 5) { _, _ in random.uniform() < 0.5 ? random.uniform() : 0 }))
    }
    let (a, b) = (try graph(), try graph())
    let value = gromovWassersteinByDefinition(a.adjacency.matrix, b.adjacency.matrix, Matrix(outer: a.masses, b.masses))
    let cone = try ConeSettings(Self.fields("{delta: 1}"))
    let settings = GraphDistance.Settings(cone: cone, early: (20, 1), gwTolerance: 1e-4, starts: (1, 0))
    let product = try GraphDistance.gwProduct.value(b, reference: a, settings)
    #expect(abs(product.value * product.value - value) < 1e-12)
    // The plateau: where the ascent starts is far above where it comes to rest.
    let (early, rest) = (
      try GraphDistance.early.value(b, reference: a, settings),
      try GraphDistance.converged.value(b, reference: a, settings)
    )
    #expect(rest.value < early.value && rest.isConverged)
  }

  @Test func squaresDoNotTouch() throws {
    let data = try ImageGraphData(
      Self.fields("{squares: {side: 20, count: 3, sizes: [2, 4], pixels: 400}, perClass: 5}"))
    let pictures = try data.load(Self.context, seed: 3)
    #expect(pictures.classes == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    for (index, image) in pictures.images.enumerated() {
      let size = pictures.classes[index] == 0 ? 2 : 4
      #expect(image.elements.count { $0 > 0 } == 3 * size * size)
      #expect(image.elements.allSatisfy { $0 == 0 || (0.5...1).contains($0) })
      // Squares that touched would join other brightnesses.
      let graph = try #require(try ImageGraph(image))
      for i in 0..<graph.count {
        for j in 0..<graph.count where graph.adjacency.matrix[i, j] == 1 { #expect(graph.masses[i] == graph.masses[j]) }
      }
    }
    let crowded = try ImageGraphData(Self.fields("{squares: {side: 8, count: 9, sizes: [5, 5]}, perClass: 5}"))
    #expect(
      throws: ExperimentError(
        description: "9 squares of side 5 do not fit into an image of 8×8 pixels without touching")
    ) {
      try crowded.load(Self.context, seed: 1)
    }
  }

  /// Orders are shuffled apart, and the pairing follows them.
  @Test func pairingsFollowShuffledOrders() throws {
    let data = try ModalityData(
      Self.fields("{generator: {cells: 40, features: 4, noise: 1.0e-9}, dropFirst: 0.25, keepSecond: 3}"))
    let pair = try data.load(Self.context, seed: 5)
    #expect(pair.first.rows == 30 && pair.first.columns == 4 && pair.second.rows == 40 && pair.second.columns == 3)
    #expect(pair.partners != Array(0..<30) && Set(pair.partners).count == 30)
    // Without noise partners have one order of values in every feature.
    for (column, partner) in pair.featurePartners.enumerated() {
      let own = pair.first.rows
      let x = (0..<own).map { pair.first[$0, partner] }
      let y = (0..<own).map { pair.second[pair.partners[$0], column] }
      #expect(x.indices.sorted { x[$0] < x[$1] }.map { y[$0] } == y.sorted() || Set(x).count < own)
      #expect(pair.secondNames[column] == pair.firstNames[partner])
    }
    let other = try data.load(Self.context, seed: 6)
    #expect(other.partners != pair.partners)
  }
}

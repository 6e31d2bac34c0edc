import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

/// Products along a lattice against the distance matrix written out.
@Suite struct LatticeTests {
  private static func product(_ lattice: LatticeDistances, _ points: [Int], _ x: Matrix) -> Matrix {
    let out = EdgeMatrix<Double>(rows: lattice.points.count, columns: x.columns)
    LatticeProduct<Double>(lattice) { $0 - 0.3 }.apply(points, EdgeMatrix(x), into: out, LatticeBuffers())
    return out.matrix
  }

  private static func lattices() throws -> [LatticeDistances] {
    var random = SeededGenerator(seed: 3)
    var lattices: [LatticeDistances] = []
    for (rows, columns) in [(1, 1), (1, 6), (6, 1), (5, 4), (8, 3), (2, 2)] {
      let some = (0..<rows * columns).filter { $0 == 0 || random.uniform(in: 0...1) < 0.6 }
      for points in [nil, some] {
        lattices.append(try .pixels(rows: rows, columns: columns, unit: 0.2, points: points))
        lattices.append(try .globe(meridians: rows, parallels: columns, points: points))
      }
    }
    return lattices
  }

  @Test func productsAreThoseOfTheMatrix() throws {
    var random = SeededGenerator(seed: 4)
    for lattice in try Self.lattices() {
      let points = lattice.points.indices.filter { $0 == 0 || random.uniform(in: 0...1) < 0.7 }
      let x = Matrix(rows: points.count, columns: 70) { _, _ in random.uniform(in: 0...1) }
      let product = Self.product(lattice, points, x)
      let distances = lattice.matrix
      let dense = Matrix(rows: lattice.points.count, columns: points.count) { distances[$0, points[$1]] - 0.3 } * x
      #expect(zip(product.elements, dense.elements).allSatisfy { abs($0 - $1) < 1e-13 })
    }
  }

  @Test func pixelsHaveEuclideanDistances() throws {
    let lattice = try LatticeDistances.pixels(rows: 4, columns: 7, points: [0, 3, 9, 27])
    let points = Matrix(rows: 4, columns: 2) {
      Double($1 == 0 ? lattice.points[$0] / 7 : lattice.points[$0] % 7) / 45.0.squareRoot()
    }
    let expected = DistanceGeometry.euclidean(points: points).matrix
    #expect(zip(lattice.matrix.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(abs(lattice.matrix[0, 3] - 1) < 1e-15)
  }

  @Test func globesHaveGreatCircles() throws {
    let (meridians, parallels) = (7, 5)
    let lattice = try LatticeDistances.globe(meridians: meridians, parallels: parallels)
    func direction(_ point: Int) -> [Double] {
      let (u, v) = (
        2 * Double.pi * (Double(point / parallels) + 0.5) / 7, Double.pi * (Double(point % parallels) + 0.5) / 5
      )
      return [sin(v) * cos(u), sin(v) * sin(u), cos(v)]
    }
    for i in 0..<35 {
      for j in 0..<35 {
        let angle = acos(min(max(zip(direction(i), direction(j)).reduce(0) { $0 + $1.0 * $1.1 }, -1), 1))
        #expect(abs(lattice.matrix[i, j] - angle / .pi) < 1e-7)
      }
    }
  }

  @Test func latticesGiveTheBarycenterOfTheirMatrices() throws {
    let side = 9
    let shapes = [(8, 5), (6, 7)].map { TreeGromovWassersteinTests.corner(side, $0.0, $0.1) }
    func solve(_ precision: TreeGromovWasserstein.Precision, onLattice: Bool) throws -> TreeGromovWassersteinSolution {
      func space(_ pixels: [Int], _ marginal: TreeMarginal) throws -> TreeGromovWassersteinProblem.Space {
        let lattice = try LatticeDistances.pixels(rows: side, columns: side, points: pixels)
        return try .init(geometry: onLattice ? .lattice(lattice) : .symmetric(lattice.matrix), marginal: marginal)
      }
      let leaves = try shapes.map { shape in
        let pixels = shape.indices.filter { shape[$0] > 0 }
        return try space(pixels, TreeMarginal(weights: .uniform(pixels.count)))
      }
      let centre = try space(Array(0..<side * side), TreeMarginal(freeOver: side * side))
      let problem = try TreeGromovWassersteinProblem(topology: .star(leaves: 2), spaces: [centre] + leaves)
      // The noise of random starts goes by the order of points, of which a lattice has its own.
      let start = leaves.indices.map { tiltedProduct(side * side, leaves[$0].marginal.count, seed: UInt64($0)) }
      return try TreeGromovWasserstein(
        epsilon: 1e-3, annealing: Annealing(start: 5e-3), noise: 0, precision: precision,
        stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 40)
      ).solve(problem, from: start)
    }
    let dense = try solve(.double, onLattice: false)
    #expect(abs(try solve(.double, onLattice: true).value - dense.value) < 1e-11)
    #expect(abs(try solve(.single, onLattice: true).value - dense.value) < 1e-4 * dense.value)
  }

  @Test func badLatticesAreRefused() throws {
    #expect(throws: ProblemError.self) { try LatticeDistances.pixels(rows: 0, columns: 3) }
    #expect(throws: ProblemError.self) { try LatticeDistances.pixels(rows: 3, columns: 3, unit: -1) }
    #expect(throws: ProblemError.self) { try LatticeDistances.pixels(rows: 3, columns: 3, points: [2, 1]) }
    #expect(throws: ProblemError.self) { try LatticeDistances.globe(meridians: 3, parallels: 3, points: [9]) }
  }
}

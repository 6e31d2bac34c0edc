import Datasets
import Foundation
import LinearAlgebra
import OptimalTransport
import Testing

@testable import Experiments

@Suite struct ImageSurfaceTests {
  @Test func globesWeighPixelsByTheirArea() {
    let surface = ImageSurface(kind: .globe, rows: 6, columns: 8)
    let image = surface.measure(Matrix(rows: 6, columns: 8) { _, _ in 1 }, labels: nil)
    let shares = surface.image(image.shares, at: image.points)
    for row in 0..<6 {
      let expected = sin(Double.pi * (Double(row) + 0.5) / 6)
      #expect((0..<8).allSatisfy { abs(shares[row, $0] / shares[2, 0] - expected / sin(Double.pi * 2.5 / 6)) < 1e-12 })
    }
    #expect(abs(image.shares.reduce(0, +) - 1) < 1e-12 && image.points == Array(0..<48))
  }

  @Test func labelsGoWithTheirPixels() {
    let ink = Matrix(rows: 2, columns: 3, elements: [0, 1, 2, 3, 0, 4])
    let plane = ImageSurface(kind: .plane, rows: 2, columns: 3).measure(ink, labels: [7, 8, 9, 6])
    #expect(plane.points == [1, 2, 3, 5] && plane.labels == [7, 8, 9, 6])
    // A globe's points go along meridians: pixels (1, 0), (0, 1), (0, 2), (1, 2).
    let globe = ImageSurface(kind: .globe, rows: 2, columns: 3).measure(ink, labels: [7, 8, 9, 6])
    #expect(globe.points == [1, 2, 4, 5] && globe.labels == [9, 7, 8, 6])
    #expect(zip(globe.shares, [0.3, 0.1, 0.2, 0.4]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func globesAreTurnedIntoPlace() throws {
    let (a, b) = (0.7, -0.4)
    let turn =
      Matrix(rows: 3, columns: 3, elements: [cos(a), -sin(a), 0, sin(a), cos(a), 0, 0, 0, 1])
      * Matrix(rows: 3, columns: 3, elements: [1, 0, 0, 0, cos(b), -sin(b), 0, sin(b), cos(b)])
    let z = Matrix(rows: 20, columns: 3) { row, axis in
      GlobeView.direction(longitude: Double(row * row % 17), colatitude: 0.1 + Double(row) * 0.14)[axis]
    }
    let moment = ((z * turn.transposed).transposed * z)
    let found = try #require(GlobeView.alignment(moment))
    #expect(zip(found.elements, turn.elements).allSatisfy { abs($0 - $1) < 1e-10 })
  }

  @Test func labelsOnACycleAreAsFarAsTheirSteps() {
    let cycle = BarycenterSupport.LabelDistance.cycle
    #expect((0..<4).map { cycle.squared(0, $0, of: 4) } == [0, 0.25, 1, 0.25])
    #expect((0..<3).map { BarycenterSupport.LabelDistance.discrete.squared(1, $0, of: 3) } == [1, 0, 1])
  }

  /// Labels of the barycenter are free: with their price alone, each point takes those it is sent.
  @Test func freeLabelsAddUpToTheBarycenter() throws {
    let surface = ImageSurface(kind: .plane, rows: 6, columns: 6)
    let images = (0..<2).map { index in
      surface.measure(
        Matrix(rows: 6, columns: 6) { $0 < 3 && $1 < 2 + index + $0 ? 1 : 0 },
        labels: (0..<(9 + 3 * index)).map { $0 % 3 })
    }
    let support = BarycenterSupport(surface, images, labels: .free, labelDistance: .discrete, isFused: true)
    #expect(support.labelCount == 3)
    let problem = try support.problem(images, weights: [0.5, 0.5], alpha: 0.5, rho: .infinity)
    #expect(problem.spaces[0].marginal.count == 108)
    let solution = try TreeGromovWasserstein(
      epsilon: 1e-3, annealing: Annealing(start: 1e-2), criterion: .gap,
      stopping: StoppingRule(tolerance: 1e-4, iterationLimit: 200)
    ).solve(problem)
    let masses = support.masses(solution.nodeMarginals[0])
    let labels = (0..<3).map { support.masses(solution.nodeMarginals[0], label: $0) }
    #expect((0..<36).allSatisfy { point in abs(labels.reduce(0) { $0 + $1[point] } - masses[point]) < 1e-12 })
    // Free labels make matching them nearly free.
    #expect(dot(problem.edgeWeights, solution.featureCosts) < 0.05)
  }

  @Test func shapesAreDrawnBySeed() {
    for shape in DrawnShape.allCases {
      let (one, other) = (shape.picture(rows: 20, columns: 20, seed: 1), shape.picture(rows: 20, columns: 20, seed: 2))
      #expect(one.ink == shape.picture(rows: 20, columns: 20, seed: 1).ink && one.ink != other.ink)
      #expect(
        one.ink.elements.allSatisfy { (0...1).contains($0) }
          && (20...300).contains(one.ink.elements.count { $0 > 0.5 }), "\(shape)")
      let labels = Set(one.labels.indices.filter { one.ink.elements[$0] > 0.5 }.map { one.labels[$0] })
      #expect(labels == (shape == .camel ? [0, 1, 2, 3] : [0]), "\(shape)")
    }
  }
}

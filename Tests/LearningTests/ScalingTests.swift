import Foundation
import Learning
import LinearAlgebra
import TestSupport
import Testing

@Suite struct ScalingTests {
  private static func distances(_ points: Matrix) -> Matrix {
    squaredDistances(points, points).map { max($0, 0).squareRoot() }
  }

  @Test func pointsOfThePlaneAreFoundAgain() {
    let points = normalPoints(30, dimensions: 2, seed: 2)
    let scaling = MultidimensionalScaling(Self.distances(points))
    #expect(scaling.isConverged && scaling.stress < 1e-10)
    let found = Self.distances(scaling.points)
    #expect(absoluteDifference(found.elements, Self.distances(points).elements) < 1e-4)
  }

  /// Against a plain descent of the stress from the same end: no step along the gradient lowers it much.
  @Test func endsWhereTheStressIsStationary() {
    let high = normalPoints(25, dimensions: 5, seed: 3)
    let target = Self.distances(high)
    let scaling = MultidimensionalScaling(target, tolerance: 1e-12, iterationLimit: 20_000)
    func stress(_ points: Matrix) -> Double {
      let own = Self.distances(points)
      var sum = 0.0
      for i in 0..<25 { for j in 0..<i { sum += (own[i, j] - target[i, j]) * (own[i, j] - target[i, j]) } }
      return sum
    }
    #expect(scaling.isConverged && abs(stress(scaling.points) - scaling.stress) < 1e-9)
    for (index, step) in [(0, 1e-4), (13, -1e-4), (40, 1e-4)] {
      var moved = scaling.points
      moved.elements[index] += step
      #expect(stress(moved) > scaling.stress - 1e-7)
    }
    #expect(scaling.stress < 0.9 * MultidimensionalScaling(target, iterationLimit: 0).stress)
  }

  @Test func onePointAndCoincidingOnesAreNoTrouble() {
    #expect(MultidimensionalScaling(Matrix(rows: 1, columns: 1)).points.elements == [0, 0])
    #expect(MultidimensionalScaling(Matrix(rows: 4, columns: 4)).points.elements.allSatisfy { $0 == 0 })
  }
}

import Foundation
import Learning
import LinearAlgebra
import TestSupport
import Testing

private func identity(_ n: Int) -> Matrix { Matrix(rows: n, columns: n) { $0 == $1 ? 1 : 0 } }

@Suite struct ProcrustesTests {
  /// Against the definition: no random rotation or reflection brings the points nearer.
  @Test(arguments: [2, 3, 4]) func noOtherTurnIsBetter(dimension: Int) {
    let x = normalPoints(30, dimensions: dimension, seed: 1)
    let y = normalPoints(30, dimensions: dimension, seed: 2)
    let best = procrustesRotation(x.transposed * y)
    #expect(largestDifference(best * best.transposed, identity(dimension)) < 1e-12)
    func misfit(_ turn: Matrix) -> Double {
      zip((x * turn).elements, y.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    for seed in 3..<40 as Range<UInt64> {
      let other = procrustesRotation(normalPoints(dimension, dimensions: dimension, seed: seed))
      #expect(misfit(best) <= misfit(other) + 1e-9)
    }
  }

  @Test func aReflectionIsFound() {
    let x = normalPoints(20, dimensions: 3, seed: 5)
    let mirrored = Matrix(rows: 20, columns: 3) { x[$0, $1] * ($1 == 1 ? -1 : 1) }
    #expect(largestDifference(x * procrustesRotation(x.transposed * mirrored), mirrored) < 1e-12)
  }

  /// Points on a line say nothing about the turn round it; the answer is orthogonal all the same.
  @Test func flatPointsGiveAnOrthogonalMatrix() {
    let x = Matrix(rows: 6, columns: 3) { $1 == 0 ? Double($0) : 0 }
    let turn = procrustesRotation(x.transposed * x)
    #expect(largestDifference(turn * turn.transposed, identity(3)) < 1e-12)
    #expect(abs(turn[0, 0] - 1) < 1e-12)
    let any = procrustesRotation(Matrix(rows: 2, columns: 2))
    #expect(largestDifference(any * any.transposed, identity(2)) < 1e-12)
  }
}

@Suite struct GaussianMixtureTests {
  @Test func knownComponentsAreFound() {
    var random = SeededGenerator(seed: 7)
    let truth = [
      (x: -2.0, y: 0.0, sx: 0.3, sy: 0.6), (x: 2.0, y: 1.0, sx: 0.5, sy: 0.2), (x: 0.0, y: -3.0, sx: 0.2, sy: 0.2),
    ]
    let points = Matrix(
      rows: 1500, columns: 2,
      elements: (0..<1500).flatMap { index in
        let own = truth[index % 3]
        return [own.x + own.sx * random.normal(), own.y + own.sy * random.normal()]
      })
    let mixture = GaussianMixture(points, components: 3, seed: 1)
    #expect(mixture.isConverged)
    #expect(abs(compensatedSum(mixture.weights) - 1) < 1e-12)
    for own in truth {
      let nearest =
        (0..<3).min {
          hypot(mixture.means[$0, 0] - own.x, mixture.means[$0, 1] - own.y)
            < hypot(mixture.means[$1, 0] - own.x, mixture.means[$1, 1] - own.y)
        } ?? 0
      #expect(hypot(mixture.means[nearest, 0] - own.x, mixture.means[nearest, 1] - own.y) < 0.1)
      #expect(abs(mixture.covariances[nearest][0, 0].squareRoot() - own.sx) < 0.05)
      #expect(abs(mixture.covariances[nearest][1, 1].squareRoot() - own.sy) < 0.05)
      #expect(abs(mixture.weights[nearest] - 1.0 / 3) < 0.02)
    }
  }

  /// More components than different points: covariances keep a floor, and nothing is NaN.
  @Test func repeatedPointsAreSurvived() {
    let points = Matrix(rows: 8, columns: 2) { row, axis in Double(row / 4 + axis) }
    let mixture = GaussianMixture(points, components: 4, seed: 1)
    let finite = (mixture.weights + mixture.means.elements).filter(\.isFinite).count
    #expect(finite == 4 + 8)
    #expect(mixture.logLikelihood.isFinite)
  }
}

@Suite struct ClassSeparationTests {
  @Test func silhouettesFollowTheirDefinition() {
    // Two pairs at distance 1 within and 4 between.
    let distances = Matrix(rows: 4, columns: 4) { $0 == $1 ? 0 : $0 / 2 == $1 / 2 ? 1 : 4 }
    let separation = ClassSeparation(distances, classes: [5, 5, 9, 9])
    #expect(abs(separation.silhouette - 0.75) < 1e-15)
    #expect(separation.nearestNeighbor == 1)
    #expect(separation.meanWithin == 1 && separation.meanBetween == 4)
    let mixed = ClassSeparation(distances, classes: [0, 1, 0, 1])
    #expect(mixed.nearestNeighbor == 0)
    #expect(mixed.silhouette < 0)
  }
}

@Suite struct MeshGraphTests {
  /// A flat square of n×n cells, cut along one diagonal each.
  private func square(_ n: Int) -> (vertices: Matrix, triangles: [[Int]]) {
    let vertices = Matrix(rows: (n + 1) * (n + 1), columns: 3) { vertex, axis in
      [Double(vertex % (n + 1)), Double(vertex / (n + 1)), 0][axis] / Double(n)
    }
    let triangles = (0..<n * n).flatMap { cell -> [[Int]] in
      let corner = cell / n * (n + 1) + cell % n
      return [[corner, corner + 1, corner + n + 2], [corner, corner + n + 2, corner + n + 1]]
    }
    return (vertices, triangles)
  }

  /// Both diagonals of each cell can be walked, though the mesh has but one: straight ways along either are exact.
  @Test func waysAcrossTrianglesAreStraight() throws {
    let (vertices, triangles) = square(6)
    let lengths = try WeightedGraph(meshVertices: vertices, triangles: triangles).shortestPathLengths()
    #expect(abs(lengths[0, 48] - 2.0.squareRoot()) < 1e-12)
    #expect(abs(lengths[6, 42] - 2.0.squareRoot()) < 1e-12)
    #expect(abs(lengths[0, 6] - 1) < 1e-12)
    for i in 0..<49 {
      for j in 0..<49 {
        let straight = squaredDistance(vertices[row: i], vertices[row: j]).squareRoot()
        #expect(lengths[i, j] >= straight - 1e-12 && lengths[i, j] <= 1.083 * straight + 1e-12)
      }
    }
  }

  @Test func badMeshesAreNamed() {
    let (vertices, triangles) = square(2)
    func error(_ vertices: Matrix, _ triangles: [[Int]]) -> GraphError? {
      do { _ = try WeightedGraph(meshVertices: vertices, triangles: triangles) } catch { return error }
      return nil
    }
    #expect(error(vertices, Array(triangles.dropLast(2))) == .meshInPieces(components: 2, largest: 8, vertices: 9))
    #expect(error(vertices, triangles + [[0, 1, 6], [0, 1, 8]]) == .edgeOfManyFaces(first: 0, second: 1, faces: 3))
    #expect(error(vertices, triangles + [[0, 1, 2]]) == .faceWithoutArea(8))
    #expect(error(vertices, triangles + [[3, 3, 4]]) == .faceWithoutArea(8))
  }
}

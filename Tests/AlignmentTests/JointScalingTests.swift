import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Alignment

@Suite struct JointScalingTests {
  private func distances(_ points: Matrix) -> Matrix {
    let lengths = squaredDistances(points, points).map { $0.squareRoot() }
    let mean = lengths.elements.reduce(0, +) / Double(lengths.elements.count)
    return lengths.map { $0 / mean }
  }

  /// A turned copy of a scalene cloud is matched from some of a few starts, with the lowest stress.
  @Test func aTurnedCopyIsMatched() throws {
    var random = SeededGenerator(seed: 2)
    let points = Matrix(rows: 40, columns: 2) { _, k in (k == 0 ? 2 : 1) * pow(random.uniform(), 2) }
    let order = random.permutation(40)
    let copy = Matrix(rows: 40, columns: 2) { i, k in
      let p = Array(points[row: order[i]])
      return k == 0 ? 0.6 * p[0] - 0.8 * p[1] : 0.8 * p[0] + 0.6 * p[1]
    }
    var scaling = JointScaling()
    scaling.epsilon = 0.02
    let answers = try (0..<8).map { try scaling.embed(distances(points), distances(copy), seed: $0) }
    let best = try #require(answers.min { $0.stress < $1.stress })
    let far = (0..<40).map { k in squaredDistance(best.first[row: order[k]], best.second[row: k]) }
    // A wrong match lies at the mean distance, 1; entropic plans draw points to the mean of their neighbours.
    #expect((far.reduce(0, +) / 40).squareRoot() < 0.4)
    for answer in answers { #expect(answer.stress.isFinite && answer.plan.elements.allSatisfy { $0 >= 0 }) }
  }

  /// The Laplacian against its definition, and conjugate gradients against what they solve.
  @Test func theLaplacianIsThatOfTheWeights() {
    let (n1, n2, alpha) = (5, 7, 0.4)
    var random = SeededGenerator(seed: 3)
    let plan = Matrix(rows: n1, columns: n2) { _, _ in random.uniform(in: 0.1...1) }
    let laplacian = MatchedLaplacian(plan, attraction: alpha)
    let weights = Matrix(rows: 12, columns: 12) { i, j in
      switch (i < n1, j < n1) {
      case (true, true): 1 / Double(n1 * n1)
      case (false, false): 1 / Double(n2 * n2)
      case (true, false): alpha * plan[i, j - n1]
      case (false, true): alpha * plan[j, i - n1]
      }
    }
    let x = [normalPoints(n1, dimensions: 2, seed: 4), normalPoints(n2, dimensions: 2, seed: 5)]
    let all = Matrix(rows: 12, columns: 2) { $0 < n1 ? x[0][$0, $1] : x[1][$0 - n1, $1] }
    let image = laplacian.apply(x)
    for i in 0..<12 {
      for k in 0..<2 {
        let expected = (0..<12).reduce(0.0) { $0 + weights[i, $1] * (all[i, k] - all[$1, k]) }
        #expect(abs((i < n1 ? image[0][i, k] : image[1][i - n1, k]) - expected) < 1e-12)
      }
    }
    let solved = laplacian.solve(image, from: x.map { $0.map { _ in 0 } })
    let again = laplacian.apply(solved)
    for side in 0..<2 {
      #expect(largestDifference(again[side], image[side]) < 1e-3 * (image[side].elements.map(abs).max() ?? 1))
    }
  }
}

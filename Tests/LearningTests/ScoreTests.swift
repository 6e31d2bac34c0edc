import Learning
import LinearAlgebra
import TestSupport
import Testing

@Suite struct FractionCloserThanTrueMatchTests {
  @Test func perfectAlignmentScoresZero() {
    let points = normalPoints(30, dimensions: 3, seed: 1)
    let score = FractionCloserThanTrueMatch(points, points)
    #expect(score.twoSided == 0 && score.oneSidedStrict == 0 && score.ties == 0)
  }

  /// A mirrored line: from each end everything lies between the point and its match.
  @Test func handCountedCase() {
    let x = Matrix(rows: 3, columns: 1, elements: [0, 1, 2])
    let y = Matrix(rows: 3, columns: 1, elements: [2, 1.25, 0])
    // From x: 0 → own 2, others 1.25 and 0: both closer. 1 → own .25, others 1, 1: none. 2 → own 2, others 0, .75:
    // both. From y: 2 → own 2: both. 1.25 → own .25, others 1.25, .75: none. 0 → own 2: both.
    let score = FractionCloserThanTrueMatch(x, y)
    #expect(abs(score.twoSided - 8.0 / 12) < 1e-15)
    #expect(abs(score.oneSidedStrict - 4.0 / 6) < 1e-15)
    #expect(score.ties == 0)
  }

  /// The collapse that a strict one-sided count rewards with 0.
  @Test func collapseScoresOneHalfAndShowsItsTies() {
    let score = FractionCloserThanTrueMatch(
      Matrix(rows: 10, columns: 2, repeating: 1), Matrix(rows: 10, columns: 2, repeating: 3))
    #expect(score.twoSided == 0.5)
    #expect(score.oneSidedStrict == 0)
    #expect(score.ties == 180)
  }

  @Test func independentPointsScoreOneHalf() {
    let score = FractionCloserThanTrueMatch(
      normalPoints(400, dimensions: 2, seed: 2), normalPoints(400, dimensions: 2, seed: 3))
    #expect(abs(score.twoSided - 0.5) < 0.06)
  }
}

@Suite struct NearestNeighborClassifierTests {
  @Test func takesTheMajority() {
    let points = Matrix(rows: 6, columns: 1, elements: [0, 0.1, 0.2, 1, 1.1, 1.2])
    let classifier = NearestNeighborClassifier(points: points, labels: [1, 1, 2, 2, 2, 2], neighbors: 3)
    #expect(classifier.label(of: [0.05]) == 1)
    #expect(classifier.label(of: [1.05]) == 2)
    #expect(classifier.accuracy(on: Matrix(rows: 2, columns: 1, elements: [0.05, 1.05]), labels: [1, 1]) == 0.5)
  }

  @Test func tiedVotesGoToTheSmallerLabel() {
    let classifier = NearestNeighborClassifier(
      points: Matrix(rows: 2, columns: 1, elements: [-1, 1]), labels: [7, 3], neighbors: 2)
    #expect(classifier.label(of: [0]) == 3)
  }
}

@Suite struct PrincipalComponentsTests {
  @Test func findsTheAxesOfAnEllipse() {
    var random = SeededGenerator(seed: 4)
    let points = Matrix(rows: 2000, columns: 3) { _, k in [3, 1, 0.1][k] * random.normal() + 5 }
    let components = PrincipalComponents(points, count: 2)
    #expect(abs(components.directions[0, 0]) > 0.99)
    #expect(abs(components.directions[1, 1]) > 0.99)
    #expect(abs(components.variances[0] - 9) < 0.7)
    let projected = components.project(points)
    #expect(projected.columns == 2)
    #expect(projected.columnSums.allSatisfy { abs($0) < 1e-8 })
  }

  /// Of few points with many coordinates: the same variances as the covariance has, and directions at right angles,
  /// also beyond the points' span.
  @Test func fewPointsWithManyCoordinates() throws {
    var random = SeededGenerator(seed: 5)
    let points = Matrix(rows: 8, columns: 20) { _, k in Double(k + 1) * random.normal() - 3 }
    let components = PrincipalComponents(points, count: 20)
    let mean = points.columnSums.map { $0 / 8 }
    let centered = Matrix(rows: 8, columns: 20) { points[$0, $1] - mean[$1] }
    let covariance = (centered.transposed * centered).map { $0 / 8 }
    let eigen = try #require(SymmetricEigen(covariance))
    for k in 0..<20 {
      #expect(abs(components.variances[k] - max(eigen.values[19 - k], 0)) < 1e-10)
      let direction = Array(components.directions[row: k])
      let image = covariance * direction
      #expect(zip(image, direction).allSatisfy { abs($0 - components.variances[k] * $1) < 1e-9 })
      for other in 0...k {
        #expect(abs(dot(direction, Array(components.directions[row: other])) - (other == k ? 1 : 0)) < 1e-10)
      }
    }
    let two = PrincipalComponents(Matrix(rows: 1, columns: 3, elements: [1, 2, 3]), count: 2)
    #expect(two.variances == [0, 0] && two.directions == Matrix(rows: 2, columns: 3, elements: [1, 0, 0, 0, 1, 0]))
  }
}

import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

/// Random starts are of the points, and not of the places at which they are stored.
@Suite struct CanonicalOrderTests {
  private func order(_ count: Int, _ seed: UInt64) -> [Int] {
    var random = SeededGenerator(seed: seed, stream: "order")
    return random.permutation(count)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func ranksFollowThePoints(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed, stream: "points")
    let points = Matrix(rows: 40, columns: 3) { _, _ in random.normal() }
    let weights = (0..<40).map { _ in random.uniform(in: 1...2) }
    let order = order(40, seed)
    let moved = points.selectingRows(order)
    for (plain, other) in [
      (DistanceGeometry.euclidean(points: points), DistanceGeometry.euclidean(points: moved)),
      (.squaredEuclidean(points: points), .squaredEuclidean(points: moved)),
      (.asymmetric(points * points.transposed), .asymmetric(moved * moved.transposed)),
    ] {
      let (ranks, others) = (
        CanonicalOrder(plain, weights: weights).ranks, CanonicalOrder(other, weights: order.map { weights[$0] }).ranks
      )
      #expect(others == order.map { ranks[$0] } && ranks.sorted() == Array(0..<40))
    }
  }

  /// In the canonical order the distances themselves are the same, whichever of the points that a symmetry exchanges
  /// was pinned.
  @Test(arguments: ["circle 5", "circle 50", "square", "C12", "K4", "torus 4×4", "Petersen"], [1, 2] as [UInt64])
  func symmetricSpacesComeToTheSame(name: String, seed: UInt64) throws {
    let distances = try #require(SymmetricSpaces.all.first { $0.name == name }).distances
    let n = distances.rows
    func inOrder(_ distances: Matrix) -> Matrix {
      let ranks = CanonicalOrder(.symmetric(distances), weights: .uniform(n)).ranks
      var points = [Int](repeating: 0, count: n)
      for (point, rank) in ranks.enumerated() { points[rank] = point }
      return SymmetricSpaces.reordered(distances, points)
    }
    let (one, other) = (inOrder(distances), inOrder(SymmetricSpaces.reordered(distances, order(n, seed))))
    #expect(zip(one.elements, other.elements).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func weightsAndFeaturesTellPointsApart() throws {
    let flat = Matrix(rows: 3, columns: 3) { $0 == $1 ? 0 : 1 }
    let ranks = [[0.3, 0.5, 0.2], [0.5, 0.2, 0.3]].map { CanonicalOrder(.symmetric(flat), weights: $0).ranks }
    #expect(ranks[1] == [ranks[0][1], ranks[0][2], ranks[0][0]])
    let space = try MetricMeasureSpace(distances: flat)
    let features = Matrix(rows: 3, columns: 3) { i, j in Double([5, 1, 3][i] + [2, 0, 1][j]) }
    let turned = Matrix(rows: 3, columns: 3) { i, j in features[(i + 1) % 3, (j + 1) % 3] }
    let orders = try [features, turned].map {
      CanonicalOrder.of(try QuadraticProblem(source: space, target: space, features: $0))
    }
    for (plain, other) in [
      (orders[0].rows.ranks, orders[1].rows.ranks), (orders[0].columns.ranks, orders[1].columns.ranks),
    ] {
      #expect(other == [plain[1], plain[2], plain[0]])
    }
  }

  /// The starts of a problem whose points are stored in another order are the same plans.
  @Test(arguments: [1, 2] as [UInt64]) func multiStartsFollowThePoints(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed, stream: "points")
    let x = Matrix(rows: 12, columns: 2) { _, _ in random.normal() }
    let y = Matrix(rows: 10, columns: 2) { _, _ in random.normal() }
    let (rows, columns) = (order(12, seed), order(10, seed + 10))
    func plans(_ x: Matrix, _ y: Matrix) throws -> [Matrix] {
      let problem = try QuadraticProblem(
        source: MetricMeasureSpace(geometry: .euclidean(points: x)),
        target: MetricMeasureSpace(geometry: .euclidean(points: y)))
      return try MultiStart(starts: 8, seed: seed).plans(for: problem)
    }
    let (plain, moved) = (try plans(x, y), try plans(x.selectingRows(rows), y.selectingRows(columns)))
    for (plan, other) in zip(plain, moved) {
      let expected = Matrix(rows: 12, columns: 10) { plan[rows[$0], columns[$1]] }
      #expect(zip(expected.elements, other.elements).allSatisfy { abs($0 - $1) < 1e-9 })
    }
  }
}

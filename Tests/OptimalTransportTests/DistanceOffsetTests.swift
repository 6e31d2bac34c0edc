import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// What all distances have in common drops out of D1_ik − D2_jl, and must not take digits with it.
@Suite struct DistanceOffsetTests {
  private static func tables(_ seed: UInt64, n: Int, m: Int, isSymmetric: Bool) -> (Matrix, Matrix) {
    var random = SeededGenerator(seed: seed, stream: "tables")
    func table(_ count: Int) -> Matrix {
      let drawn = Matrix(rows: count, columns: count) { _, _ in random.uniform() }
      return Matrix(rows: count, columns: count) { isSymmetric ? drawn[$0, $1] + drawn[$1, $0] : drawn[$0, $1] }
    }
    return (table(n), table(m))
  }

  private static func problem(
    _ d1: Matrix, _ d2: Matrix, isSymmetric: Bool, features: Matrix? = nil
  ) throws -> QuadraticProblem {
    try QuadraticProblem(
      source: MetricMeasureSpace(geometry: isSymmetric ? .symmetric(d1) : .asymmetric(d1)),
      target: MetricMeasureSpace(geometry: isSymmetric ? .symmetric(d2) : .asymmetric(d2)), features: features)
  }

  /// A number added to all entries changes nothing.
  @Test("offset_tables: distances", arguments: [true, false], [0.0, 1e4, 1e8]) func valuesKeepTheirDigits(
    isSymmetric: Bool, offset: Double
  ) throws {
    let tolerance = offset == 0 ? 1e-12 : 1e-6
    for seed in 1...12 as ClosedRange<UInt64> {
      let (d1, d2) = Self.tables(seed, n: 7, m: seed % 2 == 0 ? 7 : 5, isSymmetric: isSymmetric)
      let (e1, e2) = (d1.map { $0 + offset }, d2.map { $0 + offset })
      var random = SeededGenerator(seed: seed, stream: "features")
      let features = seed % 3 == 0 ? Matrix(rows: d1.rows, columns: d2.rows) { _, _ in random.uniform() } : nil
      let plain = try GromovWasserstein().solve(Self.problem(d1, d2, isSymmetric: isSymmetric, features: features))
      let solution = try GromovWasserstein().solve(Self.problem(e1, e2, isSymmetric: isSymmetric, features: features))
      #expect(
        abs(solution.value - plain.value) <= tolerance * plain.value, "seed \(seed): \(solution.value), \(plain.value)")
      let byDefinition = gromovWassersteinByDefinition(e1, e2, solution.coupling.plan)
      #expect(abs(solution.parts.quadratic - byDefinition) <= tolerance * byDefinition)
      let entropic = try EntropicGromovWasserstein(epsilon: 0.05).solve(
        Self.problem(e1, e2, isSymmetric: isSymmetric, features: features))
      let expected = gromovWassersteinByDefinition(e1, e2, entropic.coupling.plan)
      #expect(abs(entropic.parts.quadratic - expected) <= tolerance * expected)
      let unshifted = try EntropicGromovWasserstein(epsilon: 0.05).solve(
        Self.problem(d1, d2, isSymmetric: isSymmetric, features: features))
      #expect(entropic.status.isConverged || !unshifted.status.isConverged)
      let relaxed = try QuadraticProblem(
        source: .init(geometry: isSymmetric ? .symmetric(e1) : .asymmetric(e1)),
        target: .init(geometry: isSymmetric ? .symmetric(e2) : .asymmetric(e2)), relaxation: .relaxed(1))
      let unbalanced = try UnbalancedGromovWasserstein(epsilon: 0.05).solve(relaxed)
      let wanted = gromovWassersteinByDefinition(e1, e2, unbalanced.coupling.plan)
      #expect(abs(unbalanced.parts.quadratic - wanted) <= tolerance * wanted)
    }
  }

  /// A number added between different points only, so that plans that split points are out of the question: the value
  /// is the plan's own.
  @Test(arguments: [1e4, 1e8]) func valuesBesideADiagonalOfZerosAreThePlans(offset: Double) throws {
    for seed in 1...12 as ClosedRange<UInt64> {
      let (d1, d2) = (
        SymmetricSpaces.nearlyEqual(9, offset: offset, seed: seed),
        SymmetricSpaces.nearlyEqual(9, offset: offset, seed: seed + 40)
      )
      let solution = try GromovWasserstein().solve(Self.problem(d1, d2, isSymmetric: true))
      let byDefinition = gromovWassersteinByDefinition(d1, d2, solution.coupling.plan)
      #expect(
        solution.value < 1 && abs(solution.value - byDefinition) <= 1e-6 * byDefinition,
        "\(solution.value), \(byDefinition)")
    }
  }

  /// Points far from the origin, and inexact products in single precision.
  @Test func pointsAndSinglePrecisionKeepTheirDigits() throws {
    let (x, y) = (normalPoints(30, dimensions: 2, seed: 1), normalPoints(25, dimensions: 3, seed: 2))
    for geometry in [DistanceGeometry.euclidean, DistanceGeometry.squaredEuclidean] {
      let near = try QuadraticProblem(source: .init(geometry: geometry(x)), target: .init(geometry: geometry(y)))
      let far = try QuadraticProblem(
        source: .init(geometry: geometry(x.map { $0 + 1e7 })), target: .init(geometry: geometry(y.map { $0 - 1e7 })))
      let (expected, value) = (try GromovWasserstein().solve(near).value, try GromovWasserstein().solve(far).value)
      #expect(abs(expected - value) < 1e-6 * expected)
    }
    let d1 = normalizedDistances(normalPoints(260, dimensions: 2, seed: 3))
    let d2 = normalizedDistances(normalPoints(260, dimensions: 2, seed: 4))
    let solver = EntropicGromovWasserstein(epsilon: 0.02, stopping: .init(tolerance: 1e-7, iterationLimit: 300))
    let plain = try solver.solve(Self.problem(d1, d2, isSymmetric: true))
    let shifted = try solver.solve(Self.problem(d1.map { $0 + 1e6 }, d2.map { $0 + 1e6 }, isSymmetric: true))
    #expect(abs(plain.value - shifted.value) < 1e-5 * plain.value)
  }
}

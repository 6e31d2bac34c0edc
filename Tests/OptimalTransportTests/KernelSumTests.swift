import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct KernelSumTests {
  /// The sum as it stands.
  private static func byDefinition(_ a: Matrix, _ b: Matrix, _ kernel: ConeKernel, _ delta: Double, _ s: Matrix)
    -> Matrix
  {
    Matrix(rows: a.rows, columns: b.rows) { i, j in
      var sum = 0.0
      for k in 0..<a.columns {
        for l in 0..<b.columns {
          let z = abs(a[i, k] - b[j, l]) / delta
          let value =
            switch kernel {
            case .gaussianHellinger: exp(-z * z / 2)
            case .wassersteinFisherRao(let cap): cos(min(z, cap))
            }
          sum += value * s[k, l]
        }
      }
      return sum
    }
  }

  private static func random(_ rows: Int, _ columns: Int, seed: UInt64, value: (Double) -> Double = { $0 }) -> Matrix {
    var random = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in value(random.uniform()) }
  }

  struct Case: Sendable {
    let evaluation: KernelEvaluation
    let kernel: ConeKernel
    let delta: Double
    let values: @Sendable (Double) -> Double
  }

  private static let cases: [Case] = [
    Case(evaluation: .direct, kernel: .gaussianHellinger, delta: 0.3, values: { $0 }),
    Case(evaluation: .direct, kernel: .wassersteinFisherRao(), delta: 0.3, values: { $0 }),
    Case(evaluation: .direct, kernel: .wassersteinFisherRao(truncation: .pi), delta: 0.2, values: { $0 }),
    Case(evaluation: .cosine, kernel: .wassersteinFisherRao(), delta: 0.7, values: { $0 }),
    Case(evaluation: .cosine, kernel: .wassersteinFisherRao(truncation: .pi), delta: 0.33, values: { $0 }),
    Case(evaluation: .cosine, kernel: .wassersteinFisherRao(), delta: 0.7, values: { 1e8 + $0 }),
    Case(evaluation: .chebyshev, kernel: .gaussianHellinger, delta: 2, values: { $0 }),
    Case(evaluation: .chebyshev, kernel: .gaussianHellinger, delta: 0.07, values: { $0 }),
    Case(evaluation: .chebyshev, kernel: .gaussianHellinger, delta: 1, values: { _ in 0.25 }),
    Case(evaluation: .fewValues, kernel: .gaussianHellinger, delta: 1.5, values: { ($0 * 6).rounded() }),
    Case(evaluation: .fewValues, kernel: .wassersteinFisherRao(), delta: 1.5, values: { ($0 * 6).rounded() }),
    Case(evaluation: .adjacency, kernel: .gaussianHellinger, delta: 0.8, values: { $0 < 0.2 ? 1 : 0 }),
    Case(evaluation: .adjacency, kernel: .wassersteinFisherRao(), delta: 0.4, values: { $0 < 0.2 ? 1 : 0 }),
    Case(evaluation: .automatic, kernel: .gaussianHellinger, delta: 0.5, values: { $0 }),
    Case(evaluation: .automatic, kernel: .wassersteinFisherRao(), delta: 0.5, values: { $0 }),
    Case(evaluation: .automatic, kernel: .gaussianHellinger, delta: 0.5, values: { $0 < 0.2 ? 1 : 0 }),
    Case(evaluation: .automatic, kernel: .gaussianHellinger, delta: 0.5, values: { 1e8 + $0 }),
  ]

  @Test(arguments: cases) func everyWayGivesTheSum(_ own: Case) throws {
    // More rows than are taken at a time, and not a multiple of that.
    let (a, b) = (Self.random(19, 7, seed: 1, value: own.values), Self.random(13, 5, seed: 2, value: own.values))
    let s = Self.random(7, 5, seed: 3)
    let sum = try own.evaluation.sum(.dense(a), .dense(b), kernel: own.kernel, delta: own.delta)
    var out = Matrix(rows: 19, columns: 13, repeating: .nan)
    sum.sum(s, into: &out)
    let expected = Self.byDefinition(a, b, own.kernel, own.delta, s)
    #expect(sum.error <= 1e-12)
    let total = s.elements.reduce(0, +)
    #expect(largestDifference(out, expected) <= sum.error * total + 1e-13 * total)
  }

  @Test func sparseGraphsNeedNoMatrix() throws {
    var random = SeededGenerator(seed: 4)
    func graph(_ rows: Int, _ columns: Int) throws -> Adjacency {
      try Adjacency(
        rows: rows, columns: columns,
        ones: (0..<3 * rows).map { _ in (random.integer(below: rows), random.integer(below: columns)) })
    }
    let (a, b) = (try graph(30, 12), try graph(21, 9))
    #expect(Adjacency(a.matrix) == a && a.transposed.transposed == a && a.transposed.matrix == a.matrix.transposed)
    let part = a.selecting(rows: [1, 5, 29], columns: [0, 3, 11])
    #expect(part.matrix == Matrix(rows: 3, columns: 3) { a.matrix[[1, 5, 29][$0], [0, 3, 11][$1]] })
    let s = Self.random(12, 9, seed: 5)
    var out = Matrix(rows: 30, columns: 21)
    try KernelEvaluation.automatic.sum(.adjacency(a), .adjacency(b), kernel: .gaussianHellinger, delta: 0.6).sum(
      s, into: &out)
    #expect(largestDifference(out, Self.byDefinition(a.matrix, b.matrix, .gaussianHellinger, 0.6, s)) < 1e-12)
    // A graph against other numbers.
    let c = Self.random(21, 9, seed: 6)
    try KernelEvaluation.automatic.sum(.adjacency(a), .dense(c), kernel: .wassersteinFisherRao(), delta: 0.3).sum(
      s, into: &out)
    #expect(largestDifference(out, Self.byDefinition(a.matrix, c, .wassersteinFisherRao(), 0.3, s)) < 1e-12)
  }

  /// An independent count of the points that 1e-6 takes at a span of L/δ; 1e-12 takes no more than twice as many, and
  /// the error stated is met.
  @Test(arguments: [(15.0, 40), (5, 17), (1.5, 9), (0.5, 6)]) func interpolationStatesItsError(
    length: Double, points: Int
  ) throws {
    let span = ValueSpan(Matrix(rows: 1, columns: 2, elements: [0, length]))
    let separated = try #require(SeparatedKernel.chebyshev(span, span, delta: 1))
    var random = SeededGenerator(seed: 7)
    var worst = 0.0
    for _ in 0..<2000 {
      let (a, b) = (random.uniform(in: 0...length), random.uniform(in: 0...length))
      let value = (0..<separated.count).reduce(0) { $0 + separated.first($1, a) * separated.second($1, b) }
      worst = max(worst, abs(value - exp(-(a - b) * (a - b) / 2)))
    }
    #expect(separated.error <= 1e-12 && worst <= 2 * separated.error)
    #expect(separated.count <= 2 * points)
  }

  @Test func tablesAreCutToTheirRank() throws {
    // A cosine within its cap has rank 2 however many values there are.
    let values = Self.random(40, 1, seed: 8)
    let separated = try #require(
      SeparatedKernel.table(values, values, kernel: .wassersteinFisherRao(), delta: 1, most: 64))
    #expect(separated.count == 2 && separated.error < 1e-14)
    #expect(SeparatedKernel.table(values, values, kernel: .wassersteinFisherRao(), delta: 1, most: 39) == nil)
  }

  @Test func waysThatCannotBeGoneSayWhy() throws {
    let values = Hypernetwork.Values.dense(Self.random(5, 5, seed: 9))
    func sentence(_ evaluation: KernelEvaluation, _ kernel: ConeKernel, _ delta: Double) -> String {
      do throws(ProblemError) {
        _ = try evaluation.sum(values, values, kernel: kernel, delta: delta)
        return ""
      } catch { return error.description }
    }
    let reach = ValueSpan(values.matrix).length
    let refusal = sentence(.cosine, .wassersteinFisherRao(), 0.1)
    #expect(refusal.contains("δ for the cosine method is 0.1") && refusal.contains("at least \(reach / (.pi / 2))"))
    #expect(refusal.contains("the direct method accepts any δ"))
    #expect(sentence(.cosine, .gaussianHellinger, 1).contains("the kernel is a Gaussian"))
    #expect(sentence(.chebyshev, .wassersteinFisherRao(), 1).contains("not a Gaussian"))
    #expect(sentence(.chebyshev, .gaussianHellinger, 1e-3).contains("too many δ"))
    #expect(sentence(.adjacency, .gaussianHellinger, 1).contains("not all 0 or 1"))
  }
}

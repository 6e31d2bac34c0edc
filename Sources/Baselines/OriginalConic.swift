import Foundation
import LinearAlgebra
import OptimalTransport

/// Conic Gromov–Wasserstein by its original algorithm (Séjourné, Vialard, Peyré 2021, arXiv:2009.04266), as a
/// baseline and an oracle.
///
/// It solves for measures α ≥ 0 on nodes and radii (i, r, j, s), with k radii for each node,
///
///     min  δ² Σ [(rr')² + (ss')² − 2 rr' ss' Ω(|ω1_ii' − ω2_jj'|/δ)] α_irjs α_i'r'j's'
///     over  Σ_rjs r² α = μ1_i,  Σ_irs s² α = μ2_j,
///
/// by alternating linear programs from random starts. The bracket is a tensor with eight indices that takes 8 (n1 k
/// n2 k)² bytes, so the algorithm is limited to about twenty nodes. With few radii its value lies above CGW².
public struct OriginalConic: Sendable {
  /// The number k of radii, which range from 0 to the square root of the largest mass; 10 by default.
  public var radii: Int
  /// The number of linear programs from each start, in addition to the first one; 7 by default.
  public var rounds: Int
  /// The number of random costs to start from, 10 by default.
  public var starts: Int
  /// The seed of the starts.
  public var seed: UInt64
  /// The memory in bytes that the tensor may take, 8e9 by default.
  public var memory: Double

  /// Creates the algorithm.
  ///
  /// - Parameters:
  ///   - radii: the number k of radii, at least 2.
  ///   - rounds: the number of linear programs from each start, in addition to the first one.
  ///   - starts: the number of random costs to start from.
  ///   - seed: the seed of the starts.
  ///   - memory: the memory in bytes that the tensor may take.
  public init(radii: Int = 10, rounds: Int = 7, starts: Int = 10, seed: UInt64 = 0, memory: Double = 8e9) {
    self.radii = radii
    self.rounds = rounds
    self.starts = starts
    self.seed = seed
    self.memory = memory
  }

  /// The lowest value of all starts.
  public struct Answer: Sendable {
    /// An upper bound of CGW².
    public let squaredDistance: Double
    /// The value of each start.
    public let values: [Double]
  }

  /// Returns the bytes of the tensor for networks with these numbers of nodes.
  public func memory(first: Int, second: Int) -> Double { 8 * pow(Double(first * radii) * Double(second * radii), 2) }

  /// Returns the lowest value of all starts.
  ///
  /// - Parameter problem: two networks with node masses.
  /// - Returns: The lowest value and the value of each start.
  /// - Throws: `BaselineError` if the tensor needs more than `memory` or no linear program can be solved.
  public func solve(_ problem: ConicProblem) throws(BaselineError) -> Answer {
    let (mu, nu) = (problem.first.nodes, problem.second.nodes)
    let (n, m, k) = (mu.count, nu.count, radii)
    let bytes = memory(first: n, second: m)
    if bytes > memory {
      throw .memory(
        task: "the original conic solver", needed: bytes, limit: memory,
        use: "its tensor between \(n) and \(m) nodes with \(k) radii each")
    }
    let largest = max(mu.max() ?? 0, nu.max() ?? 0).squareRoot()
    let radius = (0..<k).map { largest * Double($0) / Double(k - 1) }
    /// The quadruples (i, r, j, s) in row-major order.
    let places = (0..<n).flatMap { i in
      (0..<k).flatMap { r in (0..<m).flatMap { j in (0..<k).map { s in (i, r, j, s) } } }
    }
    let tensor = Self.tensor(problem, places, radius)
    let columns = places.map { i, r, j, s in
      [(row: i, value: radius[r] * radius[r]), (row: n + j, value: radius[s] * radius[s])].filter { $0.value > 0 }
    }
    guard let program = LinearProgram(columns: columns, right: mu + nu) else {
      throw .noLinearProgram(task: "the original conic solver")
    }
    var random = SeededGenerator(seed: seed, stream: "original conic")
    let search = StartSearch.over(max(starts, 1), by: { $0 }) { _, _ in
      program.restart()
      var (cost, best) = (places.map { _ in random.uniform() }, Double.infinity)
      for _ in 0...rounds {
        guard let alpha = program.solution(cost: cost) else { break }
        cost = tensor * alpha
        best = min(best, dot(cost, alpha))
      }
      return best
    }
    guard search.best.isFinite else { throw .unsolved(task: "the original conic solver") }
    return Answer(squaredDistance: max(search.best, 0), values: search.values)
  }

  private static func tensor(_ problem: ConicProblem, _ places: [(Int, Int, Int, Int)], _ radius: [Double]) -> Matrix {
    let (w1, w2) = (problem.first.values.matrix, problem.second.values.matrix)
    let (delta, kernel) = (problem.delta, problem.kernel)
    return Matrix(rows: places.count, columns: places.count) { x, y in
      let ((i, r, j, s), (i2, r2, j2, s2)) = (places[x], places[y])
      let (a, b) = (radius[r] * radius[r2], radius[s] * radius[s2])
      return delta * delta * (a * a + b * b - 2 * a * b * kernel.value((w1[i, i2] - w2[j, j2]) / delta))
    }
  }
}

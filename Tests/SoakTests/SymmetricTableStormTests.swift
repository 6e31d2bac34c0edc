import Datasets
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Tables with symmetries, offsets or neither, each against itself in another order: a permutation is found, whatever
/// there is in common.
@Suite(.serialized) struct SymmetricTableStormTests {
  private struct Drawn {
    let values: Matrix
    let isSpace: Bool
    let name: String
  }

  private static func draw(_ random: inout SeededGenerator) -> Drawn {
    let n = 2 + random.integer(below: 11)
    let style = random.integer(below: 7)
    func ring(_ i: Int, _ j: Int) -> Int { min(abs(i - j), n - abs(i - j)) }
    let levels = (0..<n).map { _ in Double(random.integer(below: 4)) }
    switch style {
    case 0:
      return Drawn(values: Matrix(rows: n, columns: n) { levels[ring($0, $1)] }, isSpace: true, name: "ring of levels")
    case 1:
      return Drawn(values: Matrix(rows: n, columns: n) { ring($0, $1) == 1 ? 1 : 0 }, isSpace: true, name: "cycle")
    case 2: return Drawn(values: Matrix(rows: n, columns: n) { abs($0 - $1) == 1 ? 1 : 0 }, isSpace: true, name: "path")
    case 3:
      return Drawn(values: Matrix(rows: n, columns: n) { levels[($0 + n - $1) % n] }, isSpace: false, name: "cyclic")
    case 4:
      let size = 1 + random.integer(below: 3)
      return Drawn(
        values: Matrix(rows: n, columns: n) { $0 / size == $1 / size ? 1 : 0 }, isSpace: true, name: "blocks")
    case 5:
      let columns = 2 + random.integer(below: 9)
      let noise = Matrix(rows: n, columns: columns) { _, _ in random.normal() }
      let (rows, means) = (noise.rowSums.map { $0 / Double(columns) }, noise.columnSums.map { $0 / Double(n) })
      let mean = rows.reduce(0, +) / Double(n)
      let centered = Matrix(rows: n, columns: columns) { noise[$0, $1] - rows[$0] - means[$1] + mean }
      return Drawn(values: centered, isSpace: false, name: "doubly centered")
    default:
      let columns = 2 + random.integer(below: 9)
      return Drawn(
        values: Matrix(rows: n, columns: columns) { _, _ in random.normal() }, isSpace: false, name: "random")
    }
  }

  @Test func permutationsAreFound() throws {
    let started = Date()
    var random = SeededGenerator(seed: 81)
    let count = Soak.count(5000, sample: 40)
    for number in 0..<count {
      let drawn = Self.draw(&random)
      let rows = random.permutation(drawn.values.rows)
      let columns = drawn.isSpace ? rows : random.permutation(drawn.values.columns)
      let offset = [0, 0, 1, -1e4, 1e8][random.integer(below: 5)]
      let x = drawn.values.map { $0 + offset }
      let y = Matrix(rows: x.rows, columns: x.columns) { x[rows[$0], columns[$1]] }
      let what = "\(number): \(drawn.name) of \(x.rows)×\(x.columns), offset \(offset)"
      let solution = try AnchoredStarts().solve(CoOptimalProblem(source: x, target: y), by: CoOptimalTransport())
      #expect(
        solution.value >= 0 && solution.value < 1e-9 && solution.status == .converged, "coot \(what): \(solution.value)"
      )
      let delta = [0.3, 1, 10][random.integer(below: 3)]
      let tables = try ConicProblem(
        first: Hypernetwork(values: .dense(x)), second: Hypernetwork(values: .dense(y)), delta: delta)
      let conic = try AnchoredStarts().solve(tables, by: ConicCoOptimalTransport())
      #expect(conic.squaredDistance >= 0 && conic.squaredDistance < 1e-9, "ccot \(what): \(conic.squaredDistance)")
      guard drawn.isSpace else { continue }
      let networks = try ConicProblem(first: .network(.dense(x)), second: .network(.dense(y)), delta: delta)
      let distance = try AnchoredStarts().solve(networks, by: ConicGromovWasserstein())
      #expect(distance.upperSquared >= 0 && distance.upperSquared < 1e-9, "cgw \(what): \(distance.upperSquared)")
    }
    Soak.report(
      "storm", "tables against their permutations", cases: count, outcome: "all 0 apart for coot, ccot, cgw",
      since: started)
  }

  /// Offsets change no value: of both tables, and of a row or column of both.
  @Test func offsetsChangeNothing() throws {
    let started = Date()
    var random = SeededGenerator(seed: 82)
    let count = Soak.count(5000, sample: 40)
    for number in 0..<count {
      let (n, m, d, e) = (
        1 + random.integer(below: 7), 1 + random.integer(below: 7), 1 + random.integer(below: 6),
        1 + random.integer(below: 6)
      )
      let (x, y) = (
        Matrix(rows: n, columns: d) { _, _ in random.normal() }, Matrix(rows: m, columns: e) { _, _ in random.normal() }
      )
      let offset = [1e3, -1e6, 1e8][random.integer(below: 3)]
      let plain = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: y))
      let moved = try CoOptimalTransport().solve(
        CoOptimalProblem(source: x.map { $0 + offset }, target: y.map { $0 + offset }))
      #expect(
        abs(moved.value - plain.value) < 1e-6 * (plain.value + 1e-3) && moved.status == .converged,
        "\(number): \(offset)")
      // By columns: stationary for tables of differences taken one by one.
      let (u, v) = (
        (0..<d).map { _ in offset * Double(random.integer(below: 2)) },
        (0..<e).map { _ in offset * Double(random.integer(below: 2)) }
      )
      let (shiftedX, shiftedY) = (
        Matrix(rows: n, columns: d) { x[$0, $1] + u[$1] }, Matrix(rows: m, columns: e) { y[$0, $1] + v[$1] }
      )
      let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: shiftedX, target: shiftedY))
      var (value, cost) = (0.0, Matrix(rows: n, columns: m))
      for k in 0..<d {
        for l in 0..<e where solution.features.plan[k, l] > 0 {
          for i in 0..<n {
            for j in 0..<m {
              let difference = shiftedX[i, k] - shiftedY[j, l]
              value += difference * difference * solution.samples.plan[i, j] * solution.features.plan[k, l]
              cost[i, j] += difference * difference * solution.features.plan[k, l]
            }
          }
        }
      }
      #expect(
        abs(solution.value - value) <= 1e-12 * value + 1e-300 && solution.status == .converged, "\(number): \(offset)")
      let best = try NetworkSimplex().solve(LinearProblem(cost: cost)).value
      #expect(solution.value - best < 1e-6 * value + 1e-12, "\(number): \(offset): \(best) against \(solution.value)")
    }
    Soak.report(
      "storm", "tables with offsets", cases: count, outcome: "values as without, plans stationary", since: started)
  }
}

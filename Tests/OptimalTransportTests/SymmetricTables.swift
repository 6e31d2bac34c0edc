import Foundation
import LinearAlgebra

/// Tables with symmetries, at which the product of the weights is a saddle or says nothing.
struct SymmetricTable: Sendable, CustomStringConvertible {
  let name: String
  let values: Matrix
  /// Whether rows and columns are the same points, which are permuted together.
  let isSpace: Bool

  var description: String { name }

  private static func distances(_ points: [[Double]]) -> Matrix {
    Matrix(rows: points.count, columns: points.count) { i, j in
      zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
  }

  private static func cycle(_ n: Int) -> Matrix {
    Matrix(rows: n, columns: n) { Double(min(abs($0 - $1), n - abs($0 - $1))) }
  }

  private static func adjacent(_ distances: Matrix) -> Matrix { distances.map { $0 == 1 ? 1 : 0 } }

  static let spaces: [SymmetricTable] = {
    var result: [(String, Matrix)] = []
    let circle = (0..<50).map { [cos(2 * .pi * Double($0) / 50), sin(2 * .pi * Double($0) / 50)] }
    result.append(("circle", distances(circle)))
    for n in [4, 12] { result.append(("simplex of \(n)", Matrix(rows: n, columns: n) { $0 == $1 ? 0 : 1 })) }
    let cube = (0..<8).map { corner in (0..<3).map { Double(corner >> $0 & 1) } }
    result.append(("square", distances(cube.prefix(4).map { Array($0.prefix(2)) })))
    result.append(("cube", distances(cube)))
    for n in 3...12 {
      result.append(("cycle of \(n)", cycle(n)))
      result.append(("edges of a cycle of \(n)", adjacent(cycle(n))))
    }
    for n in [2, 3, 4, 7, 20] {
      let path = Matrix(rows: n, columns: n) { Double(abs($0 - $1)) }
      result.append(("path of \(n)", path))
      result.append(("edges of a path of \(n)", adjacent(path)))
    }
    let grid = (0..<25).map { [Double($0 / 5), Double($0 % 5)] }
    result.append(("edges of a grid", adjacent(distances(grid))))
    let pairs = (0..<5).flatMap { a in (a + 1..<5).map { [a, $0] } }
    result.append(
      ("Petersen graph", Matrix(rows: 10, columns: 10) { Set(pairs[$0]).isDisjoint(with: pairs[$1]) ? 1 : 0 }))
    // Three edges at each of 26 nodes, which only more than one step tells apart.
    var random = SeededGenerator(seed: 7)
    let chords = random.permutation(26)
    var regular = adjacent(cycle(26))
    for k in 0..<13 { (regular[chords[2 * k], chords[2 * k + 1]], regular[chords[2 * k + 1], chords[2 * k]]) = (1, 1) }
    result.append(("cycle with chords", regular))
    let scattered = distances((0..<20).map { _ in [random.normal(), random.normal()] })
    result.append(("distances nearly equal", Matrix(rows: 20, columns: 20) { $0 == $1 ? 0 : 1e6 + scattered[$0, $1] }))
    return result.map { SymmetricTable(name: $0.0, values: $0.1, isSpace: true) }
  }()

  static let tables: [SymmetricTable] = {
    var random = SeededGenerator(seed: 3)
    let noise = Matrix(rows: 40, columns: 30) { _, _ in random.normal() }
    let rows = noise.rowSums.map { $0 / 30 }
    let columns = noise.columnSums.map { $0 / 40 }
    let mean = rows.reduce(0, +) / 40
    let steps = (0..<9).map { _ in random.normal() }
    let levels = (0..<12).map { _ in random.normal() }
    return [
      ("doubly centered", Matrix(rows: 40, columns: 30) { noise[$0, $1] - rows[$0] - columns[$1] + mean }),
      ("unit matrix of 4", Matrix(rows: 4, columns: 4) { $0 == $1 ? 1 : 0 }),
      ("unit matrix of 30", Matrix(rows: 30, columns: 30) { $0 == $1 ? 1 : 0 }),
      ("cyclic", Matrix(rows: 9, columns: 9) { Double(($0 + $1) % 9) }),
      ("cyclic steps", Matrix(rows: 9, columns: 9) { steps[($0 + 9 - $1) % 9] }),
      ("constant rows", Matrix(rows: 12, columns: 7) { row, _ in levels[row] }),
      ("random", Matrix(rows: 14, columns: 11) { noise[$0, $1] }),
      ("blocks", Matrix(rows: 12, columns: 12) { $0 / 3 == $1 / 3 ? 1 : 0 }),
    ].map { SymmetricTable(name: $0.0, values: $0.1, isSpace: false) }
  }()

  static let all = spaces + tables

  /// The table in another order of rows and columns, and these orders.
  func permuted(seed: UInt64) -> (values: Matrix, rows: [Int], columns: [Int]) {
    var random = SeededGenerator(seed: seed, stream: name)
    let rows = random.permutation(values.rows)
    let columns = isSpace ? rows : random.permutation(values.columns)
    return (Matrix(rows: values.rows, columns: values.columns) { values[rows[$0], columns[$1]] }, rows, columns)
  }
}

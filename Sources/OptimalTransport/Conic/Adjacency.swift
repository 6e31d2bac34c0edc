import LinearAlgebra

/// A matrix of zeros and ones, by the places of the ones in each row.
public struct Adjacency: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  /// Row i has its ones in columns `ends[starts[i]..<starts[i + 1]]`, rising.
  let starts: [Int32]
  let ends: [Int32]

  /// The number of ones.
  public var count: Int { ends.count }

  /// - Parameters:
  ///   - rows: at most 2³¹ − 1, like the columns and the ones.
  ///   - columns: likewise.
  ///   - ones: places (row, column); repeated ones count once.
  /// - Throws: `ProblemError` when a place lies outside.
  public init(rows: Int, columns: Int, ones: some Sequence<(row: Int, column: Int)>) throws(ProblemError) {
    for (name, size) in [("rows", rows), ("columns", columns)] where size < 0 || size > Int(Int32.max) {
      throw .parameter(name: "the number of \(name) of an adjacency", found: "\(size)", expected: "a number from 0 to 2147483647")
    }
    // A list a row, and where it begins, of the matrix and of its transpose.
    try ProblemError.validate(numbers: 4 * (Double(rows) + Double(columns)), named: "an adjacency of \(rows)×\(columns)")
    var lines = [[Int32]](repeating: [], count: rows)
    for (index, place) in ones.enumerated() {
      guard 0..<rows ~= place.row, 0..<columns ~= place.column else {
        throw .parameter(
          name: "edge \(index) of the adjacency", found: "(\(place.row), \(place.column))",
          expected: "a row from 0 to \(rows - 1) and a column from 0 to \(columns - 1)")
      }
      lines[place.row].append(Int32(place.column))
    }
    let distinct = lines.map { Set($0).sorted() }
    try Self.validate(ones: distinct.reduce(0) { $0 + $1.count })
    self.init(columns: columns, lines: distinct)
  }

  /// Checks that the places of so many ones can be counted in 32 bits.
  static func validate(ones count: Int) throws(ProblemError) {
    if count > Int(Int32.max) {
      throw .parameter(name: "the number of ones of an adjacency", found: "\(count)", expected: "at most 2147483647")
    }
  }

  /// The ones of a matrix that holds only zeros and ones, at most 2³¹ − 1 of them; nil for any other.
  public init?(_ matrix: Matrix) {
    guard matrix.elements.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
    if (try? Self.validate(ones: matrix.elements.count { $0 == 1 })) == nil { return nil }
    self.init(
      columns: matrix.columns,
      lines: (0..<matrix.rows).map { i in (0..<matrix.columns).filter { matrix[i, $0] == 1 }.map { Int32($0) } })
  }

  private init(columns: Int, lines: [[Int32]]) {
    rows = lines.count
    self.columns = columns
    starts = lines.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
    ends = lines.flatMap { $0 }
  }

  func line(_ row: Int) -> ArraySlice<Int32> { ends[Int(starts[row])..<Int(starts[row + 1])] }

  /// In full.
  public var matrix: Matrix {
    var result = Matrix(rows: rows, columns: columns)
    for row in 0..<rows { for column in line(row) { result[row, Int(column)] = 1 } }
    return result
  }

  var transposed: Adjacency {
    var lines = [[Int32]](repeating: [], count: columns)
    for row in 0..<rows { for column in line(row) { lines[Int(column)].append(Int32(row)) } }
    return Adjacency(columns: rows, lines: lines)
  }

  func selecting(rows kept: [Int], columns others: [Int]) -> Adjacency {
    var position = [Int32](repeating: -1, count: columns)
    for (place, column) in others.enumerated() { position[column] = Int32(place) }
    return Adjacency(columns: others.count, lines: kept.map { row in line(row).map { position[Int($0)] }.filter { $0 >= 0 } })
  }

  /// Σ_k x_k over the ones of each row.
  func sums(_ x: [Double]) -> [Double] {
    (0..<rows).map { row in line(row).reduce(0) { $0 + x[Int($1)] } }
  }
}

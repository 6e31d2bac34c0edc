import LinearAlgebra

/// A sparse matrix of zeros and ones, stored as the positions of the ones in each row.
public struct Adjacency: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The offsets of the rows: row i has its ones in columns `ends[starts[i]..<starts[i + 1]]`, in ascending order.
  let starts: [Int32]
  let ends: [Int32]

  /// The number of ones.
  public var count: Int { ends.count }

  /// Creates a matrix from the positions of its ones.
  ///
  /// - Parameters:
  ///   - rows: the number of rows, at most 2³¹ − 1.
  ///   - columns: the number of columns, at most 2³¹ − 1.
  ///   - ones: the positions (row, column) of the ones, counted from 0, at most 2³¹ − 1 of them; repeated ones count
  ///     once.
  /// - Throws: `ProblemError` if a position is out of range, a size is, or there is too little memory.
  public init(rows: Int, columns: Int, ones: some Sequence<(row: Int, column: Int)>) throws(ProblemError) {
    for (name, size) in [("rows", rows), ("columns", columns)] where size < 0 || size > Int(Int32.max) {
      throw .parameter(
        name: "the number of \(name) of an adjacency matrix", found: "\(size)",
        expected: "a number from 0 to 2147483647")
    }
    // The list of each row and its offset, for the matrix and its transpose.
    try ProblemError.validate(
      numbers: 4 * (Double(rows) + Double(columns)), named: "an adjacency matrix of size \(rows)×\(columns)")
    var lines = [[Int32]](repeating: [], count: rows)
    for (index, place) in ones.enumerated() {
      guard 0..<rows ~= place.row, 0..<columns ~= place.column else {
        throw .parameter(
          name: "edge \(index) of the adjacency matrix", found: "(\(place.row), \(place.column))",
          expected: "a row from 0 to \(rows - 1) and a column from 0 to \(columns - 1)")
      }
      lines[place.row].append(Int32(place.column))
    }
    let distinct = lines.map { Set($0).sorted() }
    try Self.validate(ones: distinct.reduce(0) { $0 + $1.count })
    self.init(columns: columns, lines: distinct)
  }

  /// Checks that the positions of this many ones can be indexed by 32 bits.
  static func validate(ones count: Int) throws(ProblemError) {
    if count > Int(Int32.max) {
      throw .parameter(
        name: "the number of ones of an adjacency matrix", found: "\(count)", expected: "at most 2147483647")
    }
  }

  /// Creates a sparse matrix from a dense one; nil unless all elements are 0 or 1 with at most 2³¹ − 1 ones.
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

  /// The dense matrix.
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
    return Adjacency(
      columns: others.count, lines: kept.map { row in line(row).map { position[Int($0)] }.filter { $0 >= 0 } })
  }

  /// Returns Σ_k x_k over the ones of each row.
  func sums(_ x: [Double]) -> [Double] {
    (0..<rows).map { row in line(row).reduce(0) { $0 + x[Int($1)] } }
  }
}

import CKernels

/// A dense real matrix, stored row by row in one array.
///
/// `Matrix` is a value type: copies share storage until one of them is mutated. Element access through `subscript` is
/// checked in debug builds only; inner loops should call `withUnsafeElements` once, outside the loop.
public struct Matrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements in row-major order; there are always `rows * columns` of them.
  public var elements: [Double] {
    didSet { precondition(elements.count == rows * columns, "the number of elements of a matrix must not change") }
  }

  /// Creates a matrix from its elements in row-major order.
  @inlinable
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(rows >= 0 && columns >= 0, "the size of a matrix must not be negative")
    precondition(
      elements.count == rows * columns,
      "a \(rows)×\(columns) matrix needs \(rows * columns) elements, not \(elements.count)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Creates a matrix with every element equal to `value`.
  @inlinable
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(rows: rows, columns: columns, elements: [Double](repeating: value, count: rows * columns))
  }

  /// Creates a matrix whose element in row i and column j is `element(i, j)`.
  @inlinable
  public init(rows: Int, columns: Int, element: (Int, Int) throws -> Double) rethrows {
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns)
    for i in 0..<rows { for j in 0..<columns { elements.append(try element(i, j)) } }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// Creates the outer product x yᵀ.
  @inlinable
  public init(outer x: [Double], _ y: [Double]) {
    self.init(rows: x.count, columns: y.count) { i, j in x[i] * y[j] }
  }

  /// Accesses the element in row `i` and column `j`.
  @inlinable
  public subscript(_ i: Int, _ j: Int) -> Double {
    get {
      assert(0 <= i && i < rows && 0 <= j && j < columns, "element index out of range")
      return elements[i * columns + j]
    }
    set {
      assert(0 <= i && i < rows && 0 <= j && j < columns, "element index out of range")
      elements[i * columns + j] = newValue
    }
  }

  /// Accesses row `i` as a slice that shares the storage.
  @inlinable
  public subscript(row i: Int) -> ArraySlice<Double> { elements[i * columns..<(i + 1) * columns] }

  /// Whether there are as many rows as columns.
  public var isSquare: Bool { rows == columns }

  /// Calls `body` with a pointer to the elements in row-major order, which is valid only during the call.
  @inlinable
  public func withUnsafeElements<R>(_ body: (UnsafePointer<Double>) throws -> R) rethrows -> R {
    try elements.withUnsafeBufferPointer { try body(Self.start(of: $0)) }
  }

  /// Calls `body` with a mutable pointer to the elements in row-major order, which is valid only during the call.
  @inlinable
  public mutating func withUnsafeMutableElements<R>(_ body: (UnsafeMutablePointer<Double>) throws -> R) rethrows -> R {
    try elements.withUnsafeMutableBufferPointer {
      try body(UnsafeMutablePointer(mutating: Self.start(of: UnsafeBufferPointer($0))))
    }
  }

  @usableFromInline
  static func start(of elements: UnsafeBufferPointer<Double>) -> UnsafePointer<Double> {
    guard let start = elements.baseAddress else { preconditionFailure("an empty matrix has no elements to point to") }
    return start
  }
}

extension Matrix {
  /// Returns a matrix of the same shape with `transform` applied to each element.
  @inlinable
  public func map(_ transform: (Double) throws -> Double) rethrows -> Matrix {
    Matrix(rows: rows, columns: columns, elements: try elements.map(transform))
  }

  /// The transposed matrix, as a copy.
  public var transposed: Matrix {
    Matrix(rows: columns, columns: rows) { self[$1, $0] }
  }

  /// Returns the rows with the given indices, in that order.
  public func selectingRows(_ indices: [Int]) -> Matrix {
    Matrix(rows: indices.count, columns: columns, elements: indices.flatMap { self[row: $0] })
  }

  /// The sum of each row.
  public var rowSums: [Double] { self * [Double](repeating: 1, count: columns) }

  /// The sum of each column.
  public var columnSums: [Double] { transposedProduct([Double](repeating: 1, count: rows)) }

  /// Adds `other`, which must have the same shape, element by element.
  public mutating func add(_ other: Matrix) {
    precondition(rows == other.rows && columns == other.columns, "only matrices of the same shape can be added")
    let count = rows * columns
    guard count > 0 else { return }
    withUnsafeMutableElements { sum in
      other.withUnsafeElements { other in ck_axpy(1, other, sum, count) }
    }
  }

  /// The position of the first element that is NaN or infinite, in row-major order; nil if all are finite.
  public var firstNonFinite: (row: Int, column: Int)? {
    elements.firstIndex { !$0.isFinite }.map { ($0 / columns, $0 % columns) }
  }
}

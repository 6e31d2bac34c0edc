/// An array of numbers of any rank, stored with the last index running fastest.
public struct NumericArray: Equatable, Sendable {
  /// The size of each dimension; empty for a scalar.
  public let shape: [Int]
  /// The elements in row-major order.
  public let elements: [Double]
  /// Whether the elements are indices or counts, which are written to files as integers.
  ///
  /// Readers of files leave it `false`.
  public let isWhole: Bool

  /// Creates an array of real numbers from its shape and its elements in row-major order.
  public init(shape: [Int], elements: [Double]) {
    precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.elements = elements
    isWhole = false
  }

  /// Creates an array of indices or counts, which must lie below 2⁵³.
  public init(shape: [Int], integers: [Int]) {
    precondition(shape.reduce(1, *) == integers.count, "\(integers.count) elements do not fill the shape \(shape)")
    self.shape = shape
    elements = integers.map(Double.init)
    isWhole = true
  }

  /// Creates a vector of indices or counts.
  public init(integers: [Int]) { self.init(shape: [integers.count], integers: integers) }

  /// Creates an array of rank 2 from a matrix.
  public init(_ matrix: Matrix) { self.init(shape: [matrix.rows, matrix.columns], elements: matrix.elements) }

  /// Creates an array of rank 1 from a vector.
  public init(_ vector: [Double]) { self.init(shape: [vector.count], elements: vector) }

  /// The shape as text, such as `1047×19`; `scalar` for rank 0.
  public var shapeText: String { shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "×") }

  /// The array as a matrix: a vector becomes one column, and higher ranks keep the first index and flatten the
  /// others.
  public var matrix: Matrix {
    let rows = shape.first ?? 1
    return Matrix(rows: rows, columns: rows == 0 ? 0 : elements.count / rows, elements: elements)
  }
}

/// Numbers in a grid of any rank, the last index running fastest.
public struct NumericArray: Equatable, Sendable {
  public let shape: [Int]
  public let elements: [Double]
  /// Whether these are indices or counts, which are written as integers. Not set by readers.
  public let isWhole: Bool

  public init(shape: [Int], elements: [Double]) {
    precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.elements = elements
    isWhole = false
  }

  /// Indices or counts, below 2⁵³.
  public init(shape: [Int], integers: [Int]) {
    precondition(shape.reduce(1, *) == integers.count, "\(integers.count) elements do not fill the shape \(shape)")
    self.shape = shape
    elements = integers.map(Double.init)
    isWhole = true
  }

  public init(integers: [Int]) { self.init(shape: [integers.count], integers: integers) }

  public init(_ matrix: Matrix) { self.init(shape: [matrix.rows, matrix.columns], elements: matrix.elements) }

  public init(_ vector: [Double]) { self.init(shape: [vector.count], elements: vector) }

  /// `1047×19`
  public var shapeText: String { shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "×") }

  /// Reads the array as a matrix: a vector is one column, and of higher ranks all indices but the first are put in one.
  public var matrix: Matrix {
    let rows = shape.first ?? 1
    return Matrix(rows: rows, columns: rows == 0 ? 0 : elements.count / rows, elements: elements)
  }
}

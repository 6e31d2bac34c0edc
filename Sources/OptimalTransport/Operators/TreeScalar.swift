import CKernels
import LinearAlgebra

/// The precision of costs and plans of edges; potentials, messages, and sums are always double.
protocol TreeScalar: BinaryFloatingPoint, Sendable {
  /// The unit roundoff, half the distance between 1 and the next larger number.
  static var roundoff: Double { get }
  /// The change of potentials, in units of ε, up to which absorbed kernels lose less than 1e-17 of any sum.
  static var safeShift: Double { get }
  /// The range of costs and masses whose products and small fractions neither overflow nor underflow.
  static var safeRange: ClosedRange<Double> { get }
  /// The fraction of the mass below which marginals are omitted from products, because they are less than rounding
  /// error.
  static var negligible: Double { get }

  static func softmaxRows(_ e: EdgeMatrix<Self>, _ g: [Double], _ epsilon: Double, _ out: inout [Double])
  static func softmaxColumns(_ e: EdgeMatrix<Self>, _ f: [Double], _ epsilon: Double, _ out: inout [Double])
  static func plan(
    _ cost: EdgeMatrix<Self>, _ f: [Double], _ g: [Double], _ epsilon: Double, into out: EdgeMatrix<Self>)
  static func product(_ kernel: EdgeMatrix<Self>, _ x: [Double], _ out: inout [Double])
  static func transposedProduct(_ kernel: EdgeMatrix<Self>, _ x: [Double], _ out: inout [Double])
  static func dot(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ count: Int) -> Double
  static func change(_ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, _ count: Int) -> Double
  /// Returns max x − min x.
  static func range(_ x: UnsafePointer<Self>, _ count: Int) -> Double
  /// Computes y += factor · x.
  static func add(_ factor: Self, _ x: UnsafePointer<Self>, to y: UnsafeMutablePointer<Self>, _ count: Int)
  /// Overwrites or blends a row of a cost and returns the inner product of the new row with the plan's
  /// (`ck_edge_cost_row`).
  static func costRow(
    _ x: Double, _ y: [Double], _ product: UnsafePointer<Self>, _ features: UnsafePointer<Double>?,
    _ weights: CostRowCoefficients,
    plan: UnsafePointer<Self>, _ cost: UnsafeMutablePointer<Self>
  ) -> Double
  static func distances(_ row: UnsafePointer<Double>, _ shift: Double, _ out: UnsafeMutablePointer<Self>, _ count: Int)
  /// Converts an edge's matrix into a finished plan without a copy.
  static func finished(_ plan: EdgeMatrix<Self>) -> TreePlan
  /// Computes out = A B by BLAS.
  static func multiply(
    _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, rows: Int, inner: Int, columns: Int,
    into out: UnsafeMutablePointer<Self>)
}

/// The coefficients of a new cost row c_e (α T_e + (1 − α)/2 m M_e), and the weight of the old one.
struct CostRowCoefficients {
  var quadratic: Double
  var features: Double
  var old: Double
}

/// The row-major matrix of an edge.
///
/// It is a class so that plans and costs can be exchanged without a copy.
final class EdgeMatrix<Scalar: TreeScalar> {
  let rows: Int
  let columns: Int
  let elements: UnsafeMutablePointer<Scalar>
  /// The workspace that owns the memory, if the matrix does not own it.
  private let buffer: Scratch<Scalar>?
  var count: Int { rows * columns }

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    buffer = nil
    elements = .allocate(capacity: max(rows * columns, 1))
    elements.initialize(repeating: 0, count: max(rows * columns, 1))
  }

  /// Creates an uninitialized matrix in the memory of a workspace, valid until the workspace's next matrix.
  init(rows: Int, columns: Int, in buffer: Scratch<Scalar>) {
    self.rows = rows
    self.columns = columns
    self.buffer = buffer
    elements = buffer.reserve(rows * columns)
  }

  convenience init(_ matrix: Matrix) {
    self.init(rows: matrix.rows, columns: matrix.columns)
    for (index, value) in matrix.elements.enumerated() { elements[index] = Scalar(value) }
  }

  convenience init<Other>(converting other: EdgeMatrix<Other>) {
    self.init(rows: other.rows, columns: other.columns)
    for index in 0..<count { elements[index] = Scalar(other.elements[index]) }
  }

  deinit { if buffer == nil { elements.deallocate() } }

  var matrix: Matrix { Matrix(rows: rows, columns: columns, elements: (0..<count).map { Double(elements[$0]) }) }

  func scale(by factor: Double) {
    let factor = Scalar(factor)
    for index in 0..<count { elements[index] *= factor }
  }

  var sums: (rows: [Double], columns: [Double]) {
    var (r, c) = ([Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns))
    Scalar.product(self, [Double](repeating: 1, count: columns), &r)
    Scalar.transposedProduct(self, [Double](repeating: 1, count: rows), &c)
    return (r, c)
  }
}

/// A reusable buffer for intermediate matrices: fresh memory pages would cost more time than the computation.
final class Scratch<Scalar: TreeScalar> {
  private var memory: UnsafeMutablePointer<Scalar>?
  private var capacity = 0

  fileprivate func reserve(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    if let memory, count <= capacity { return memory }
    memory?.deallocate()
    let new = UnsafeMutablePointer<Scalar>.allocate(capacity: max(count, 1))
    new.initialize(repeating: 0, count: max(count, 1))
    (memory, capacity) = (new, count)
    return new
  }

  deinit { memory?.deallocate() }
}

extension Double: TreeScalar {
  static var roundoff: Double { 1.1e-16 }
  static var safeShift: Double { 200 }
  static var safeRange: ClosedRange<Double> { 1e-280...1e280 }
  static var negligible: Double { 1e-18 }

  static func softmaxRows(_ e: EdgeMatrix<Double>, _ g: [Double], _ epsilon: Double, _ out: inout [Double]) {
    ck_edge_softmax_rows_double(e.elements, e.rows, e.columns, g, epsilon, &out)
  }
  static func softmaxColumns(_ e: EdgeMatrix<Double>, _ f: [Double], _ epsilon: Double, _ out: inout [Double]) {
    var buffer = out
    ck_edge_softmax_columns_double(e.elements, e.rows, e.columns, f, epsilon, &buffer, &out)
  }
  static func plan(
    _ cost: EdgeMatrix<Double>, _ f: [Double], _ g: [Double], _ epsilon: Double, into out: EdgeMatrix<Double>
  ) {
    ck_edge_plan_double(cost.elements, cost.rows, cost.columns, f, g, epsilon, out.elements)
  }
  static func product(_ kernel: EdgeMatrix<Double>, _ x: [Double], _ out: inout [Double]) {
    ck_edge_product_double(kernel.elements, kernel.rows, kernel.columns, x, &out)
  }
  static func transposedProduct(_ kernel: EdgeMatrix<Double>, _ x: [Double], _ out: inout [Double]) {
    ck_edge_transposed_product_double(kernel.elements, kernel.rows, kernel.columns, x, &out)
  }
  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
    ck_edge_dot_double(x, y, count)
  }
  static func change(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
    ck_edge_change_double(x, y, count)
  }
  static func range(_ x: UnsafePointer<Double>, _ count: Int) -> Double { ck_edge_range_double(x, count) }
  static func finished(_ plan: EdgeMatrix<Double>) -> TreePlan { TreePlan(plan) }
  static func add(_ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int) {
    ck_edge_axpy_double(factor, x, y, count)
  }
  static func costRow(
    _ x: Double, _ y: [Double], _ product: UnsafePointer<Double>, _ features: UnsafePointer<Double>?,
    _ w: CostRowCoefficients,
    plan: UnsafePointer<Double>, _ cost: UnsafeMutablePointer<Double>
  ) -> Double {
    ck_edge_cost_row_double(x, y, product, features, w.quadratic, w.features, w.old, plan, cost, y.count)
  }
  static func distances(
    _ row: UnsafePointer<Double>, _ shift: Double, _ out: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    ck_edge_distances_double(row, shift, out, count)
  }
  static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, rows: Int, inner: Int, columns: Int,
    into out: UnsafeMutablePointer<Double>
  ) { doublePrecisionProduct(a, b, rows: rows, inner: inner, columns: columns, into: out) }
}

extension Float: TreeScalar {
  static var roundoff: Double { 6e-8 }
  static var safeShift: Double { 20 }
  static var safeRange: ClosedRange<Double> { 1e-25...1e25 }
  static var negligible: Double { 1e-10 }

  static func softmaxRows(_ e: EdgeMatrix<Float>, _ g: [Double], _ epsilon: Double, _ out: inout [Double]) {
    ck_edge_softmax_rows_single(e.elements, e.rows, e.columns, g, epsilon, &out)
  }
  static func softmaxColumns(_ e: EdgeMatrix<Float>, _ f: [Double], _ epsilon: Double, _ out: inout [Double]) {
    var buffer = out
    ck_edge_softmax_columns_single(e.elements, e.rows, e.columns, f, epsilon, &buffer, &out)
  }
  static func plan(
    _ cost: EdgeMatrix<Float>, _ f: [Double], _ g: [Double], _ epsilon: Double, into out: EdgeMatrix<Float>
  ) {
    ck_edge_plan_single(cost.elements, cost.rows, cost.columns, f, g, epsilon, out.elements)
  }
  static func product(_ kernel: EdgeMatrix<Float>, _ x: [Double], _ out: inout [Double]) {
    ck_edge_product_single(kernel.elements, kernel.rows, kernel.columns, x, &out)
  }
  static func transposedProduct(_ kernel: EdgeMatrix<Float>, _ x: [Double], _ out: inout [Double]) {
    ck_edge_transposed_product_single(kernel.elements, kernel.rows, kernel.columns, x, &out)
  }
  static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Double {
    ck_edge_dot_single(x, y, count)
  }
  static func change(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Double {
    ck_edge_change_single(x, y, count)
  }
  static func range(_ x: UnsafePointer<Float>, _ count: Int) -> Double { ck_edge_range_single(x, count) }
  static func finished(_ plan: EdgeMatrix<Float>) -> TreePlan { TreePlan(plan) }
  static func add(_ factor: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    ck_edge_axpy_single(factor, x, y, count)
  }
  static func costRow(
    _ x: Double, _ y: [Double], _ product: UnsafePointer<Float>, _ features: UnsafePointer<Double>?,
    _ w: CostRowCoefficients,
    plan: UnsafePointer<Float>, _ cost: UnsafeMutablePointer<Float>
  ) -> Double {
    ck_edge_cost_row_single(x, y, product, features, w.quadratic, w.features, w.old, plan, cost, y.count)
  }
  static func distances(_ row: UnsafePointer<Double>, _ shift: Double, _ out: UnsafeMutablePointer<Float>, _ count: Int)
  {
    ck_edge_distances_single(row, shift, out, count)
  }
  static func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: Int, inner: Int, columns: Int,
    into out: UnsafeMutablePointer<Float>
  ) { singlePrecisionProduct(a, b, rows: rows, inner: inner, columns: columns, into: out) }
}

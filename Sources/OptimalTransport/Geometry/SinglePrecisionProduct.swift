import CKernels
import LinearAlgebra

/// Adds D1 E D2 to a double matrix for a small change E of a plan, by BLAS in single precision.
struct SinglePrecisionProduct {
  private let source: [Float]
  private let target: [Float]
  private let rows: Int
  private let columns: Int
  private var change: [Float]
  private var half: [Float]

  init(_ source: Matrix, _ target: Matrix) {
    self.source = source.elements.map(Float.init)
    self.target = target.elements.map(Float.init)
    rows = source.rows
    columns = target.rows
    change = [Float](repeating: 0, count: rows * columns)
    half = change
  }

  /// Keeps E = plan − previous, makes `previous` the plan, and returns Σ |E_ij|.
  mutating func takeChange(of plan: Matrix, from previous: inout Matrix?) -> Double {
    let count = rows * columns
    return plan.withUnsafeElements { plan in
      previous?.withUnsafeMutableElements { previous in ck_change_single(plan, previous, &change, count) } ?? 0
    }
  }

  /// product += D1 E D2.
  mutating func addProduct(to product: inout Matrix) {
    singlePrecisionProduct(source, change, rows: rows, inner: rows, columns: columns, into: &half)
    singlePrecisionProduct(half, target, rows: rows, inner: columns, columns: columns, into: &change)
    let count = rows * columns
    product.withUnsafeMutableElements { product in ck_add_single(change, product, count) }
  }
}

import CKernels
import LinearAlgebra

/// Adds w A E Bᵀ to a double-precision matrix for a small change E of a plan, by BLAS in single precision.
struct SinglePrecisionProduct {
  private let weight: Double
  private let left: [Float]
  private let right: [Float]
  private let shape: (rows: Int, inner: Int, columns: Int)
  /// The change E, row-major.
  private(set) var change: [Float]
  private var half: [Float]
  private var full: [Float]

  /// Prepares single-precision copies of A and B; nil if the term does not consist of matrices.
  init?(_ term: QuadraticCost.Term) {
    guard let a = term.left.dense, let b = term.right.dense else { return nil }
    weight = term.weight
    left = a.elements.map(Float.init)
    right = b.elements.map(Float.init)
    precondition(a.isSquare && b.isSquare, "changes of plans are tracked for square matrices only")
    shape = (a.rows, a.rows, b.rows)
    change = [Float](repeating: 0, count: a.rows * b.rows)
    half = change
    full = change
  }

  /// Stores E = plan − previous, replaces `previous` by the plan, and returns Σ |E_ij|.
  mutating func takeChange(of plan: Matrix, from previous: inout Matrix?) -> Double {
    let count = change.count
    return plan.withUnsafeElements { plan in
      previous?.withUnsafeMutableElements { previous in ck_change_single(plan, previous, &change, count) } ?? 0
    }
  }

  /// Computes product += w A E Bᵀ.
  mutating func addProduct(of change: [Float], to product: inout Matrix) {
    singlePrecisionProduct(left, change, rows: shape.rows, inner: shape.inner, columns: shape.columns, into: &half)
    singlePrecisionProduct(
      half, right, transposed: true, rows: shape.rows, inner: shape.columns, columns: shape.columns, into: &full)
    let count = full.count
    product.withUnsafeMutableElements { product in ck_add_single(Float(weight), full, product, count) }
  }
}

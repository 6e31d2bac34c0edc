import CKernels
import LinearAlgebra

/// The cost that a plan P induces in Gromov–Wasserstein problems with square loss:
///
///     T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl = (q(D1) P1)_i + (q(D2) Pᵀ1)_j − 2 (D1 P D2)_ij,     q(D) = D∘D,
///
/// so that ⟨T(P), P⟩ = GW²(P) and its gradient is 2 T(P). Two matrix products a refresh, all memory allocated once.
package struct QuadraticCost {
  private let source: Matrix
  private let target: Matrix
  private var half: Matrix
  /// T(P) of the last plan given to `refresh`. A caller may swap it for another matrix of the same shape to keep it without a copy.
  package var matrix: Matrix

  package init(_ problem: QuadraticProblem) {
    source = problem.source.distances
    target = problem.target.distances
    half = Matrix(rows: source.rows, columns: target.rows)
    matrix = half
  }

  /// Computes T(P) and returns ⟨T(P), P⟩.
  package mutating func refresh(_ plan: Matrix) -> Double {
    half.setToProduct(source, plan)
    matrix.setToProduct(half, target)
    let rowTerms = Self.squaredProduct(source, plan.rowSums)
    let columnTerms = Self.squaredProduct(target, plan.columnSums)
    let columns = matrix.columns
    var value = 0.0
    matrix.withUnsafeMutableElements { cost in
      plan.withUnsafeElements { plan in
        for i in 0..<rowTerms.count {
          let row = cost + i * columns
          ck_quadratic_row(rowTerms[i], columnTerms, row, columns)
          value += ck_dot(row, plan + i * columns, columns)
        }
      }
    }
    return value
  }

  /// q(D) x.
  private static func squaredProduct(_ distances: Matrix, _ x: [Double]) -> [Double] {
    distances.withUnsafeElements { d in
      (0..<distances.rows).map { ck_squared_dot(d + $0 * distances.columns, x, x.count) }
    }
  }
}

import CKernels
import LinearAlgebra

/// The cost that a plan P induces in Gromov–Wasserstein problems with square loss:
///
///     T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl = (q(D1) P1)_i + (q(D2) Pᵀ1)_j − 2 (D1 P D2)_ij,     q(D) = D∘D,
///
/// so that ⟨T(P), P⟩ = GW²(P) and its gradient is 2 T(P). Two matrix products a refresh, all memory allocated once.
///
/// The product is linear in P, so that a refresh may add the product of the plan's *change*, in single precision at half the time: its
/// error is 6e-8 of a change that shrinks as the iteration converges.
package struct QuadraticCost {
  private let source: Matrix
  private let target: Matrix
  private var half: Matrix
  private var product: Matrix
  private var singles: SinglePrecisionProduct
  /// The plan whose product is held; nil before the first refresh.
  private var previous: Matrix?
  /// 6e-8 Σ |changes| since the product was last computed in double: how wrong it may be, in units of the largest distances.
  private var drift = 0.0
  /// T(P) of the last plan given to `refresh`. A caller may swap it for another matrix of the same shape to keep it without a copy.
  package var matrix: Matrix

  /// The unit roundoff of single precision.
  private static let singleRoundoff = 6e-8
  /// The gathered error may be this fraction of the latest change of the plan; beyond it the product is computed anew.
  private static let allowedDrift = 1e-4

  package init(_ problem: QuadraticProblem) {
    source = problem.source.distances
    target = problem.target.distances
    half = Matrix(rows: source.rows, columns: target.rows)
    product = half
    matrix = half
    singles = SinglePrecisionProduct(source, target)
  }

  /// Computes T(P) and returns ⟨T(P), P⟩.
  ///
  /// - Parameter exactly: in double precision throughout, as a value to report needs it; else to 1e-4 of the plan's change since the last
  ///   refresh.
  package mutating func refresh(_ plan: Matrix, exactly: Bool = true) -> Double {
    refreshProduct(plan, exactly: exactly)
    let rowTerms = Self.squaredProduct(source, plan.rowSums)
    let columnTerms = Self.squaredProduct(target, plan.columnSums)
    let columns = matrix.columns
    var value = 0.0
    matrix.withUnsafeMutableElements { cost in
      plan.withUnsafeElements { plan in
        product.withUnsafeElements { product in
          for i in 0..<rowTerms.count {
            let start = i * columns
            ck_quadratic_row(rowTerms[i], columnTerms, product + start, cost + start, columns)
            value += ck_dot(cost + start, plan + start, columns)
          }
        }
      }
    }
    return value
  }

  private mutating func refreshProduct(_ plan: Matrix, exactly: Bool) {
    if previous == nil {
      previous = plan
    } else {
      let change = singles.takeChange(of: plan, from: &previous)
      drift += Self.singleRoundoff * change
      if !exactly, drift <= Self.allowedDrift * change {
        singles.addProduct(to: &product)
        return
      }
    }
    half.setToProduct(source, plan)
    product.setToProduct(half, target)
    drift = 0
  }

  /// q(D) x.
  private static func squaredProduct(_ distances: Matrix, _ x: [Double]) -> [Double] {
    distances.withUnsafeElements { d in
      (0..<distances.rows).map { ck_squared_dot(d + $0 * distances.columns, x, x.count) }
    }
  }
}

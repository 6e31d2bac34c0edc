import LinearAlgebra
import OptimalTransport

/// Extends plans from landmarks to all cells.
///
/// The extended plan is Q = K1 P K2ᵀ with K = exp(−mean view/0.03) from cells to landmarks, normalized by rows; the
/// rows and columns of Q are then rescaled to uniform masses, once each.
struct PlanExtension {
  private let first: Matrix
  private let second: Matrix

  private static let width = 0.03

  init(_ problem: MultiViewProblem) {
    first = proximityRows(problem.first.meanToLandmarks, width: Self.width)
    second = proximityRows(problem.second.meanToLandmarks, width: Self.width).transposed
  }

  func extended(_ plan: Matrix) -> Matrix {
    var result = first * plan * second
    let (n, m) = (result.rows, result.columns)
    let rows = result.rowSums.map { Double(n) * $0 }
    result = Matrix(rows: n, columns: m) { rows[$0] > 0 ? result[$0, $1] / rows[$0] : 1 / Double(n * m) }
    let columns = result.columnSums.map { Double(m) * $0 }
    return Matrix(rows: n, columns: m) { columns[$1] > 0 ? result[$0, $1] / columns[$1] : 1 / Double(n * m) }
  }
}

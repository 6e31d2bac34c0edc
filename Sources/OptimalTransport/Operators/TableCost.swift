import LinearAlgebra

/// The cost between the rows of two data tables that a plan Q between their columns induces, T(Q)_ij = Σ_kl (X_ik −
/// Y_jl)² Q_kl.
///
/// Expanded squares lose the digits of tables that are far from 0, as a whole or in some rows or columns. Therefore
/// weighted means are subtracted first,
///
///     X_ik = g + ρ_i + u_k + z_ik,      Y_jl = h + σ_j + v_l + w_jl,
///
/// only z and w are multiplied, and the other terms of the square are added separately. Terms that depend only on i
/// or only on j are stored apart: they do not affect plans with prescribed marginals, and may dominate all others.
///
/// - Complexity: the two products of `QuadraticCost` and O(nd + me + de + nm) per refresh
struct TableCost {
  private let x: CenteredTable
  private let y: CenteredTable
  private var residuals: QuadraticCost
  /// T(Q) minus `rowTerms` ⊕ `columnTerms`.
  private(set) var matrix: Matrix
  private(set) var rowTerms: [Double]
  private(set) var columnTerms: [Double]

  /// Creates the cost of two tables.
  ///
  /// - Parameters:
  ///   - x: the table X, n×d.
  ///   - y: the table Y, m×e.
  ///   - rows: the weights of the rows of both tables.
  ///   - columns: the weights of the columns of both tables.
  init(
    _ x: Matrix, _ y: Matrix, rows: (source: [Double], target: [Double]), columns: (source: [Double], target: [Double])
  ) {
    self.x = CenteredTable(x, rows: rows.source, columns: columns.source)
    self.y = CenteredTable(y, rows: rows.target, columns: columns.target)
    residuals = QuadraticCost(rowsOf: self.x.residual, self.y.residual)
    matrix = residuals.matrix
    rowTerms = [Double](repeating: 0, count: x.rows)
    columnTerms = [Double](repeating: 0, count: y.rows)
  }

  /// Σ a_i c_k z_ik² + Σ b_j d_l w_jl², the part of both tables that is not a sum of row and column terms.
  var residualSquares: Double { x.residualSquares + y.residualSquares }

  /// The complete T(Q).
  var full: Matrix {
    Matrix(rows: matrix.rows, columns: matrix.columns) { matrix[$0, $1] + rowTerms[$0] + columnTerms[$1] }
  }

  mutating func refresh(_ plan: Matrix) {
    residuals.refresh(plan)
    var sums = Sums(plan.rows, plan.columns)
    for k in 0..<plan.rows {
      for (l, mass) in plan[row: k].enumerated() where mass != 0 {
        sums.add(mass, k, l, x.columnMeans[k] - y.columnMeans[l])
      }
    }
    assemble(sums)
  }

  /// Computes T(Q) of a sparse plan Q, for which the first product is sparse.
  mutating func refresh(_ entries: [PlanEntry]) {
    residuals.refresh(entries)
    var sums = Sums(x.columnMeans.count, y.columnMeans.count)
    for entry in entries {
      sums.add(entry.mass, entry.row, entry.column, x.columnMeans[entry.row] - y.columnMeans[entry.column])
    }
    assemble(sums)
  }

  /// Sums over Q of 1, u_k − v_l, and (u_k − v_l)², by rows and columns.
  private struct Sums {
    var rows: [Double]
    var columns: [Double]
    var rowDifferences: [Double]
    var columnDifferences: [Double]
    var squares = 0.0

    init(_ rows: Int, _ columns: Int) {
      self.rows = [Double](repeating: 0, count: rows)
      self.columns = [Double](repeating: 0, count: columns)
      (rowDifferences, columnDifferences) = (self.rows, self.columns)
    }

    mutating func add(_ mass: Double, _ k: Int, _ l: Int, _ difference: Double) {
      rows[k] += mass
      columns[l] += mass
      rowDifferences[k] += mass * difference
      columnDifferences[l] += mass * difference
      squares += mass * difference * difference
    }
  }

  private mutating func assemble(_ sums: Sums) {
    let (mass, difference) = (compensatedSum(sums.rows), compensatedSum(sums.rowDifferences))
    let apart = x.mean - y.mean
    let (r, t) = (x.residual * sums.rows, y.residual * sums.columns)
    let (e, h) = (x.residual * sums.rowDifferences, y.residual * sums.columnDifferences)
    let (rho, sigma) = (x.rowMeans, y.rowMeans)
    let constant = mass * apart * apart + sums.squares + 2 * apart * difference
    rowTerms = rho.indices.map { i in
      constant + 2 * (mass * apart + difference) * rho[i] + 2 * (apart + rho[i]) * r[i] + 2 * e[i]
    }
    columnTerms = sigma.indices.map { j in
      -2 * (mass * apart + difference) * sigma[j] - 2 * (apart - sigma[j]) * t[j] - 2 * h[j]
    }
    let columns = matrix.columns
    matrix.withUnsafeMutableElements { cost in
      residuals.matrix.withUnsafeElements { product in
        for i in rho.indices {
          for j in 0..<columns {
            let difference = rho[i] - sigma[j]
            cost[i * columns + j] =
              product[i * columns + j] + mass * difference * difference - 2 * (rho[i] * t[j] + sigma[j] * r[i])
          }
        }
      }
    }
  }
}

/// A table decomposed into its mean, the deviations of its row and column means, and a residual.
struct CenteredTable {
  let mean: Double
  let rowMeans: [Double]
  let columnMeans: [Double]
  let residual: Matrix
  /// Σ a_i c_k z_ik², with weights scaled to sum 1.
  let residualSquares: Double

  init(_ table: Matrix, rows: [Double], columns: [Double]) {
    let (a, c) = (Self.shares(rows), Self.shares(columns))
    let mean = dot(a, table * c)
    let centered = table.map { $0 - mean }
    let rowMeans = centered * c
    let withoutRows = Matrix(rows: table.rows, columns: table.columns) { centered[$0, $1] - rowMeans[$0] }
    let columnMeans = withoutRows.transposedProduct(a)
    let residual = Matrix(rows: table.rows, columns: table.columns) { withoutRows[$0, $1] - columnMeans[$1] }
    (self.mean, self.rowMeans, self.columnMeans, self.residual) = (mean, rowMeans, columnMeans, residual)
    residualSquares = dot(a, residual.map { $0 * $0 } * c)
  }

  private static func shares(_ weights: [Double]) -> [Double] {
    let mass = compensatedSum(weights)
    return weights.map { $0 / mass }
  }
}

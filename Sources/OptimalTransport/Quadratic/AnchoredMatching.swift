import LinearAlgebra

/// Matchings of the rows and columns of two tables that do not depend on the order of either, as starts for a search.
///
/// Rows are first compared by invariants of column permutations: quantiles of their values and of their weighted
/// inner products with other rows; columns likewise. If several partners remain, as for symmetric tables, one is
/// *pinned*: row i to row j. Then columns also differ by (X_ik − Y_jl)², and rows by their inner products with the
/// pinned ones. The next pin goes to the row or column with the fewest remaining partners, and among those to the one
/// that loses most by its second-best partner. For a table and a permutation of itself, the result is a permutation
/// of zero cost unless some pin was incompatible with every symmetry; other choices of the first pin give other
/// starts.
///
/// Tables whose columns are their rows (networks) are matched by a single set of pins.
///
/// - Complexity: O((n + d)(nm + de)) per matching, and n²d once for the inner products
struct AnchoredMatching {
  private let x: Matrix
  private let y: Matrix
  private let isNetwork: Bool
  private let rowProducts: [Products]
  private let columnProducts: [Products]
  private let rowCost: Matrix
  private let columnCost: Matrix

  /// Inner products of the rows of each table, in a common unit.
  private typealias Products = (x: Matrix, y: Matrix)
  private typealias Weights = (source: [Double], target: [Double])

  /// Prepares the matching of two tables.
  ///
  /// - Parameters:
  ///   - x: the table X, n×d.
  ///   - y: the table Y, m×e.
  ///   - rows: the weights of the rows of both tables.
  ///   - columns: the weights of the columns of both tables.
  ///   - isNetwork: whether the columns are the rows.
  init(
    _ x: Matrix, _ y: Matrix, rows: (source: [Double], target: [Double]), columns: (source: [Double], target: [Double]),
    isNetwork: Bool = false
  ) {
    // A common mean is subtracted and a common unit used, so that nothing overflows and rounding does not depend on
    // the scale.
    let count = Double(x.elements.count + y.elements.count)
    let largestValue = max(Self.largest(x), Self.largest(y))
    let safe = largestValue > 0 ? largestValue : 1
    let mean = (compensatedSum(x.elements.map { $0 / safe }) + compensatedSum(y.elements.map { $0 / safe })) / count
    let (centeredX, centeredY) = (x.map { $0 / safe - mean }, y.map { $0 / safe - mean })
    let span = max(Self.largest(centeredX), Self.largest(centeredY))
    let unit = span > 0 ? 1 / span : 1
    (self.x, self.y) = (centeredX.map { unit * $0 }, centeredY.map { unit * $0 })
    self.isNetwork = isNetwork
    let (rows, columns) = (Self.shares(rows), Self.shares(columns))
    let transposed = (x: self.x.transposed, y: self.y.transposed)
    rowProducts = Self.products((self.x, self.y), by: columns, rows)
    columnProducts = isNetwork ? rowProducts : Self.products(transposed, by: rows, columns)
    var rowCost = Self.cost((self.x, self.y), rowProducts, own: rows, other: columns)
    var columnCost = Self.cost(transposed, columnProducts, own: columns, other: rows)
    if isNetwork {
      let (x, y) = (self.x, self.y)
      rowCost = Matrix(rows: x.rows, columns: y.rows) {
        rowCost[$0, $1] + columnCost[$0, $1] + (x[$0, $0] - y[$1, $1]) * (x[$0, $0] - y[$1, $1])
      }
      columnCost = rowCost
    }
    (self.rowCost, self.columnCost) = (rowCost, columnCost)
  }

  /// The costs of matching rows and columns after all possible pins.
  ///
  /// - Parameters:
  ///   - choice: the rank of the partner that the first pin takes, by cost; later pins take the best partner.
  ///   - seed: the seed of the order among ties.
  /// - Returns: the cost between rows, n×m, and between columns, d×e.
  func costs(choice: Int, seed: UInt64) -> (rows: Matrix, columns: Matrix) {
    var random = SeededGenerator(seed: seed, stream: "anchored start \(choice)")
    var rows = PinnedSide(rowCost, &random)
    if isNetwork {
      var rank = choice
      while let next = rows.next {
        let (i, j) = (next.row, rows.partner(of: next, rank: rank))
        rank = 0
        rows.pin(i, j)
        rows.add(x[row: i], y[row: j])
        rows.add(column(x, i), column(y, j))
        for products in rowProducts { rows.add(products.x[row: i], products.y[row: j]) }
      }
      return (rows.cost, rows.cost)
    }
    var columns = PinnedSide(columnCost, &random)
    var rank = choice
    while true {
      let (row, column) = (rows.next, columns.next)
      if let row, column.map({ !$0.isClearer(than: row) }) ?? true {
        let (i, j) = (row.row, rows.partner(of: row, rank: rank))
        rows.pin(i, j)
        columns.add(x[row: i], y[row: j])
        for products in rowProducts { rows.add(products.x[row: i], products.y[row: j]) }
      } else if let column {
        let (k, l) = (column.row, columns.partner(of: column, rank: rank))
        columns.pin(k, l)
        rows.add(self.column(x, k), self.column(y, l))
        for products in columnProducts { columns.add(products.x[row: k], products.y[row: l]) }
      } else {
        return (rows.cost, columns.cost)
      }
      rank = 0
    }
  }

  private func column(_ matrix: Matrix, _ k: Int) -> ArraySlice<Double> { (0..<matrix.rows).map { matrix[$0, k] }[...] }

  private static func largest(_ matrix: Matrix) -> Double { matrix.elements.reduce(0) { max($0, abs($1)) } }

  private static func shares(_ weights: Weights) -> Weights {
    func scaled(_ weights: [Double]) -> [Double] {
      let mass = compensatedSum(weights)
      return weights.map { $0 / mass }
    }
    return (scaled(weights.source), scaled(weights.target))
  }

  /// K = X diag(c) Xᵀ and K diag(a) K, each in units of the largest entry of both tables: relations at one and three
  /// steps.
  private static func products(_ tables: Products, by columns: Weights, _ rows: Weights) -> [Products] {
    func weighted(_ matrix: Matrix, _ weights: [Double]) -> Matrix {
      Matrix(rows: matrix.rows, columns: matrix.columns) { matrix[$0, $1] * weights[$1] } * matrix.transposed
    }
    func scaled(_ pair: Products) -> Products {
      let span = max(largest(pair.x), largest(pair.y))
      let unit = span > 0 ? 1 / span : 1
      return (pair.x.map { unit * $0 }, pair.y.map { unit * $0 })
    }
    let near = scaled((weighted(tables.x, columns.source), weighted(tables.y, columns.target)))
    return [near, scaled((weighted(near.x, rows.source), weighted(near.y, rows.target)))]
  }

  private static func cost(_ tables: Products, _ products: [Products], own: Weights, other: Weights) -> Matrix {
    let heaviest = max(own.source.max() ?? 0, own.target.max() ?? 0)
    func signatures(_ table: Matrix, _ products: [Matrix], _ own: [Double], _ other: [Double]) -> [[Double]] {
      (0..<table.rows).map { i in
        var signature = [own[i] / heaviest] + quantiles(table[row: i], other)
        for matrix in products { signature += [matrix[i, i]] + quantiles(matrix[row: i], own) }
        return signature
      }
    }
    let x = signatures(tables.x, products.map(\.x), own.source, other.source)
    let y = signatures(tables.y, products.map(\.y), own.target, other.target)
    return Matrix(rows: x.count, columns: y.count) { i, j in
      zip(x[i], y[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
  }

  /// Quantiles, scaled so that the sum of their squared differences approximates W_2².
  ///
  /// No level is a multiple of 1/n, where rounding would decide.
  private static func quantiles(_ values: ArraySlice<Double>, _ weights: [Double]) -> [Double] {
    let profile = ThirdLowerBound.Profile(Array(values), weights: weights)
    let count = 64
    let scale = 1 / Double(count).squareRoot()
    return (0..<count).map { scale * profile.quantile((Double($0) + 0.41421356237) / Double(count)) }
  }
}

import LinearAlgebra

/// Matchings of the rows and columns of two tables that permutations of either leave as they are, for searches to start from.
///
/// Rows are first compared by what a permutation of columns does not change: quantiles of their values, and of their weighted inner products with other
/// rows; columns likewise. Where that leaves several partners, as between tables that are symmetric, one is *pinned*: row i to row j. The columns then
/// differ by (X_ik − Y_jl)² as well, the rows by their inner products with the pinned ones, and the next pin goes to whatever row or column has the
/// fewest partners left (and, among those, loses most by the second best). A table and a permutation of itself end at a permutation that fits
/// unless a pin was taken that no symmetry allows; other choices of the first pin are other starts.
///
/// Tables whose columns are their rows (networks) are matched by one set of pins.
///
/// O((n + d)(nm + de)) a matching, and products n²d for the inner products once.
struct AnchoredMatching {
  private let x: Matrix
  private let y: Matrix
  private let isNetwork: Bool
  private let rowProducts: [Products]
  private let columnProducts: [Products]
  private let rowCost: Matrix
  private let columnCost: Matrix

  /// Inner products of rows of one table, and of the other, in one unit.
  private typealias Products = (x: Matrix, y: Matrix)
  private typealias Weights = (source: [Double], target: [Double])

  /// - Parameters:
  ///   - rows: weights of the rows of both tables.
  ///   - columns: weights of their columns.
  ///   - isNetwork: whether the columns are the rows.
  init(
    _ x: Matrix, _ y: Matrix, rows: (source: [Double], target: [Double]), columns: (source: [Double], target: [Double]),
    isNetwork: Bool = false
  ) {
    // Less one mean and in one unit, so that nothing overflows and rounding is the same for all data.
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

  /// Costs of matching rows and of matching columns, once all that can be are pinned.
  ///
  /// - Parameters:
  ///   - choice: which partner the first pin takes, in the order of fitness; later ones take the fittest.
  ///   - seed: of the order among equals.
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

  /// K = X diag(c) Xᵀ and K diag(a) K, each in units of the largest of both tables: what lies one and three steps away.
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

  /// Quantiles, scaled so that the sum of their squared differences is about W_2². No level is a multiple of 1/n, where rounding would decide.
  private static func quantiles(_ values: ArraySlice<Double>, _ weights: [Double]) -> [Double] {
    let profile = ThirdLowerBound.Profile(Array(values), weights: weights)
    let count = 64
    let scale = 1 / Double(count).squareRoot()
    return (0..<count).map { scale * profile.quantile((Double($0) + 0.41421356237) / Double(count)) }
  }
}

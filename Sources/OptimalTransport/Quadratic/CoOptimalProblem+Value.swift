import LinearAlgebra

extension CoOptimalProblem {
  /// Returns Σ (X_ik − Y_jl)² P_ij Q_kl as a sum of nonnegative terms, which avoids cancellation at any offset of the
  /// tables.
  ///
  /// If the plans have few entries, the sum runs over pairs of entries. Otherwise each row of Y is projected onto the
  /// columns of X, ȳ_jk = Σ_l Q_kl Y_jl / q_k with q = Q1, and the result is
  ///
  ///     Σ_ij P_ij (Σ_k q_k (X_ik − ȳ_jk)² + Σ_kl Q_kl (Y_jl − ȳ_jk)²)
  ///
  /// in O(nmd + mde).
  func transportCost(samples: Coupling, features: Coupling) -> Double {
    let (p, q) = (samples.entries, features.entries)
    let (n, m, d, e) = (source.rows, target.rows, source.columns, target.columns)
    if Double(p.count) * Double(q.count) <= Double(m) * Double(d) * Double(n + 2 * e) {
      return compensatedSum(
        p.map { pair in
          pair.mass
            * q.reduce(0) { sum, entry in
              let difference = source[pair.row, entry.row] - target[pair.column, entry.column]
              return sum + entry.mass * difference * difference
            }
        })
    }
    let masses = features.plan.rowSums
    var images = Matrix(rows: m, columns: d)
    let spreads = (0..<m).map { j in
      var spread = 0.0
      for k in 0..<d where masses[k] > 0 {
        let (shares, row) = (features.plan[row: k], target[row: j])
        // Relative to the row's first element, so that a mean of equal numbers is exactly that number.
        let origin = row[row.startIndex]
        let image = origin + zip(shares, row).reduce(0) { $0 + $1.0 * ($1.1 - origin) } / masses[k]
        images[j, k] = image
        spread += zip(shares, row).reduce(0) { $0 + $1.0 * ($1.1 - image) * ($1.1 - image) }
      }
      return spread
    }
    return compensatedSum(
      p.map { pair in
        let (row, image) = (source[row: pair.row], images[row: pair.column])
        var sum = spreads[pair.column]
        for ((x, y), mass) in zip(zip(row, image), masses) { sum += mass * (x - y) * (x - y) }
        return pair.mass * sum
      })
  }
}

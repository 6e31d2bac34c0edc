import CKernels

extension Matrix {
  /// Replaces the lengths of direct ways between n points by those of the shortest ways: d_ij = min over all sequences i, k, l, …, j.
  ///
  /// Floyd and Warshall's iteration in tiles (Venkataraman, Sahni, Mukhopadhyaya 2003, DOI 10.1145/996546.996553): n³ additions, whatever the
  /// number of edges, in parallel. For graphs in which a point is joined with more than a few dozen others it is many times faster than a search
  /// from each point.
  ///
  /// The lengths of this square matrix are not negative, infinite where there is no direct way, and 0 on the diagonal.
  public mutating func closeMinPlus() {
    precondition(isSquare, "ways lead between points of one set")
    let n = rows
    guard n > 0 else { return }
    let side = 64
    let tiles = (n + side - 1) / side
    withUnsafeMutableElements { elements in
      nonisolated(unsafe) let d = elements
      let range = { @Sendable (tile: Int) in tile * side..<min((tile + 1) * side, n) }
      for pivot in 0..<tiles {
        let inner = range(pivot)
        ck_relax_through(d + inner.lowerBound * n + inner.lowerBound, n, inner.count)
        // The pivot's row and column of tiles go through its own; the rest through these.
        relax(d, rows: inner, through: inner, columns: 0..<inner.lowerBound)
        relax(d, rows: inner, through: inner, columns: inner.upperBound..<n)
        forEachChunk(of: tiles, chunks: tiles) { tile, _ in
          guard tile != pivot else { return }
          relax(d, rows: range(tile), through: inner, columns: inner)
          for column in 0..<tiles where column != pivot { relax(d, rows: range(tile), through: inner, columns: range(column)) }
        }
      }
    }

    @Sendable func relax(_ d: UnsafeMutablePointer<Double>, rows: Range<Int>, through inner: Range<Int>, columns: Range<Int>) {
      guard !columns.isEmpty else { return }
      let (left, right) = (rows.lowerBound * n + inner.lowerBound, inner.lowerBound * n + columns.lowerBound)
      // Where a factor is the block itself, in-place updates only bring in ways that exist.
      ck_min_plus(d + left, n, d + right, n, d + rows.lowerBound * n + columns.lowerBound, n, rows.count, inner.count, columns.count)
    }
  }
}

import CKernels

extension Matrix {
  /// Replaces direct edge lengths between n points by the lengths of shortest paths.
  ///
  /// The matrix must be square, with entries that are not negative, +∞ where there is no edge, and 0 on the diagonal.
  ///
  /// The Floyd–Warshall algorithm is run in parallel on tiles (Venkataraman, Sahni, and Mukhopadhyaya, 2003, DOI
  /// 10.1145/996546.996553). For graphs in which a point has more than a few dozen edges it is many times faster than
  /// Dijkstra's algorithm from each point.
  ///
  /// - Complexity: n³ additions, whatever the number of edges
  public mutating func closeMinPlus() {
    precondition(isSquare, "a matrix of path lengths must be square")
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
        // The pivot's row and column of tiles use the pivot tile; the other tiles use these.
        relax(d, rows: inner, through: inner, columns: 0..<inner.lowerBound)
        relax(d, rows: inner, through: inner, columns: inner.upperBound..<n)
        forEachChunk(of: tiles, chunks: tiles) { tile, _ in
          guard tile != pivot else { return }
          relax(d, rows: range(tile), through: inner, columns: inner)
          for column in 0..<tiles where column != pivot {
            relax(d, rows: range(tile), through: inner, columns: range(column))
          }
        }
      }
    }

    @Sendable func relax(
      _ d: UnsafeMutablePointer<Double>, rows: Range<Int>, through inner: Range<Int>, columns: Range<Int>
    ) {
      guard !columns.isEmpty else { return }
      let (left, right) = (rows.lowerBound * n + inner.lowerBound, inner.lowerBound * n + columns.lowerBound)
      // Where a factor is the block itself, in-place updates only introduce lengths of paths that exist.
      ck_min_plus(
        d + left, n, d + right, n, d + rows.lowerBound * n + columns.lowerBound, n, rows.count, inner.count,
        columns.count)
    }
  }
}

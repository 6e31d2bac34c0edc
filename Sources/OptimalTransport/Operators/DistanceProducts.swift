import LinearAlgebra

/// Products D_i γ D_j of an edge's plan with the distances of its two spaces, and the buffers that they need.
///
/// Each factor uses the cheapest method: dense, along a lattice, or over the few significant entries of γ, since
/// plans at small ε have a handful per row. The factors are applied in the cheaper order.
final class DistanceProducts<Scalar: TreeScalar> {
  private let first = Scratch<Scalar>()
  private let second = Scratch<Scalar>()
  private let third = Scratch<Scalar>()
  private let fourth = Scratch<Scalar>()
  private let block = Scratch<Scalar>()
  private let lattice = LatticeBuffers<Scalar>()

  /// The number of rows of a dense distance matrix that are formed at a time.
  private static var blockSize: Int { 256 }

  /// A buffer for the part of the plan that is multiplied.
  func plan(rows: Int, columns: Int) -> EdgeMatrix<Scalar> { EdgeMatrix(rows: rows, columns: columns, in: first) }

  /// Computes D_i[:, rows] x D_j[columns, :] for x from `plan(rows:columns:)`; the result is valid until the next
  /// product.
  func product(
    _ x: EdgeMatrix<Scalar>, left: SpaceDistances, rows: [Int], right: SpaceDistances, columns: [Int]
  ) -> EdgeMatrix<Scalar> {
    let rightFirst =
      right.operations(points: columns.count, width: rows.count)
      + left.operations(points: rows.count, width: right.count)
    let leftFirst =
      left.operations(points: rows.count, width: columns.count)
      + right.operations(points: columns.count, width: left.count)
    // An entry costs a pass over a row of distances, at a fraction of the speed of a dense product.
    let entries = entriesThatMatter(x)
    let sparse =
      8 * 2 * Double(entries) * Double(right.count) + left.operations(points: rows.count, width: right.count)
    if sparse < min(rightFirst, leftFirst) {
      let half = bySparseRows(x, right, columns, into: EdgeMatrix(rows: rows.count, columns: right.count, in: second))
      return fromLeft(half, left, rows, into: EdgeMatrix(rows: left.count, columns: right.count, in: fourth))
    }
    if rightFirst <= leftFirst {
      let half = fromRight(x, right, columns, into: EdgeMatrix(rows: rows.count, columns: right.count, in: second))
      return fromLeft(half, left, rows, into: EdgeMatrix(rows: left.count, columns: right.count, in: fourth))
    }
    let half = fromLeft(x, left, rows, into: EdgeMatrix(rows: left.count, columns: columns.count, in: second))
    return fromRight(half, right, columns, into: EdgeMatrix(rows: left.count, columns: right.count, in: fourth))
  }

  /// The value below which the entries of a row sum to less than rounding error.
  private static func threshold(_ row: UnsafePointer<Scalar>, _ count: Int) -> Scalar {
    var largest: Scalar = 0
    for place in 0..<count { largest = max(largest, row[place]) }
    return largest * Scalar(Scalar.roundoff / Double(max(count, 1)))
  }

  private func entriesThatMatter(_ x: EdgeMatrix<Scalar>) -> Int {
    var count = 0
    for row in 0..<x.rows {
      let line = x.elements + row * x.columns
      let threshold = Self.threshold(line, x.columns)
      for place in 0..<x.columns where line[place] > threshold { count += 1 }
    }
    return count
  }

  /// Computes x D[points, :] over the significant entries of x.
  private func bySparseRows(
    _ x: EdgeMatrix<Scalar>, _ space: SpaceDistances, _ points: [Int], into out: EdgeMatrix<Scalar>
  ) -> EdgeMatrix<Scalar> {
    out.elements.update(repeating: 0, count: out.count)
    for range in parts(of: points.count, columns: space.count) {
      let distances = EdgeMatrix<Scalar>(rows: range.count, columns: space.count, in: block)
      space.write(rows: Array(points[range]), into: distances)
      for row in 0..<x.rows {
        let line = x.elements + row * x.columns
        let threshold = Self.threshold(line, x.columns)
        for place in range where line[place] > threshold {
          let distance = distances.elements + (place - range.lowerBound) * space.count
          Scalar.add(line[place], distance, to: out.elements + row * out.columns, space.count)
        }
      }
    }
    return out
  }

  /// Computes D[:, points] x.
  private func fromLeft(
    _ x: EdgeMatrix<Scalar>, _ space: SpaceDistances, _ points: [Int], into out: EdgeMatrix<Scalar>
  ) -> EdgeMatrix<Scalar> {
    if let product = space.structured(points: points.count, width: x.columns, as: Scalar.self) {
      product.apply(points, x, into: out, lattice)
      return out
    }
    for start in stride(from: 0, to: space.count, by: Self.blockSize) {
      let range = start..<min(start + Self.blockSize, space.count)
      let distances = EdgeMatrix<Scalar>(rows: range.count, columns: points.count, in: block)
      space.write(range, columns: points, into: distances)
      Scalar.multiply(
        distances.elements, x.elements, rows: range.count, inner: points.count, columns: x.columns,
        into: out.elements + start * x.columns)
    }
    return out
  }

  /// Computes x D[points, :].
  private func fromRight(
    _ x: EdgeMatrix<Scalar>, _ space: SpaceDistances, _ points: [Int], into out: EdgeMatrix<Scalar>
  ) -> EdgeMatrix<Scalar> {
    if let product = space.structured(points: points.count, width: x.rows, as: Scalar.self) {
      // Distances are symmetric: x D = (D xᵀ)ᵀ.
      let turned = EdgeMatrix<Scalar>(rows: x.columns, columns: x.rows, in: third)
      x.transpose(into: turned)
      let answer = EdgeMatrix<Scalar>(rows: space.count, columns: x.rows, in: block)
      product.apply(points, turned, into: answer, lattice)
      answer.transpose(into: out)
      return out
    }
    let parts = parts(of: points.count, columns: space.count)
    for range in parts {
      let distances = EdgeMatrix<Scalar>(rows: range.count, columns: space.count, in: block)
      space.write(rows: Array(points[range]), into: distances)
      if parts.count == 1 {
        Scalar.multiply(
          x.elements, distances.elements, rows: x.rows, inner: points.count, columns: space.count, into: out.elements)
        return out
      }
      let part = EdgeMatrix<Scalar>(rows: x.rows, columns: range.count, in: third)
      for row in 0..<x.rows {
        (part.elements + row * range.count).update(
          from: x.elements + row * x.columns + range.lowerBound, count: range.count)
      }
      let product = EdgeMatrix<Scalar>(rows: x.rows, columns: space.count)
      Scalar.multiply(
        part.elements, distances.elements, rows: x.rows, inner: range.count, columns: space.count,
        into: product.elements)
      if range.lowerBound == 0 { out.elements.update(repeating: 0, count: out.count) }
      Scalar.add(1, product.elements, to: out.elements, out.count)
    }
    return out
  }

  /// Splits the rows of distances into blocks: one block, unless it would need more memory than most plans.
  private func parts(of points: Int, columns: Int) -> [Range<Int>] {
    let most = max(1, (1 << 24) / max(columns, 1))
    return stride(from: 0, to: max(points, 1), by: most).map { $0..<min($0 + most, points) }
  }
}

extension EdgeMatrix {
  /// Writes the transpose, tile by tile so that both sides stay in cache.
  fileprivate func transpose(into out: EdgeMatrix<Scalar>) {
    let side = 32
    for top in stride(from: 0, to: rows, by: side) {
      for left in stride(from: 0, to: columns, by: side) {
        for row in top..<min(top + side, rows) {
          for column in left..<min(left + side, columns) {
            out.elements[column * rows + row] = elements[row * columns + column]
          }
        }
      }
    }
  }
}

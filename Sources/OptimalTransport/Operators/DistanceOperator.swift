import CKernels
import LinearAlgebra

/// A matrix A as the linear maps that quadratic costs need: P ↦ A P, P ↦ P Aᵀ, and w ↦ q(A) w with q(A) = A∘A.
enum DistanceOperator: Sendable {
  case matrix(Matrix)
  case squaredEuclidean(CenteredPoints)
  case euclidean(DistanceRows)

  var rows: Int {
    switch self {
    case .matrix(let matrix): matrix.rows
    case .squaredEuclidean(let points): points.squaredNorms.count
    case .euclidean(let distances): distances.count
    }
  }

  var columns: Int { if case .matrix(let matrix) = self { matrix.columns } else { rows } }

  var dense: Matrix? { if case .matrix(let matrix) = self { matrix } else { nil } }

  /// The number of rows of a streamed matrix that are formed at a time.
  private static let blockSize = 64

  /// The product q(A) w.
  func squaresApplied(to w: [Double]) -> [Double] {
    switch self {
    case .matrix(let matrix):
      return matrix.withUnsafeElements { elements in
        (0..<matrix.rows).map { ck_squared_dot(elements + $0 * matrix.columns, w, w.count) }
      }
    case .squaredEuclidean(let points):
      return points.squaresApplied(to: w)
    case .euclidean(let distances):
      // The square of |x − y| is the squared distance, so its product needs no squaring.
      let points = CenteredPoints(distances.points)
      let total = w.reduce(0, +)
      let mean = points.points.transposedProduct(w)
      let moment = dot(points.squaredNorms, w)
      let along = points.points * mean
      return points.squaredNorms.indices.map { points.squaredNorms[$0] * total + moment - 2 * along[$0] }
    }
  }

  /// Computes out = A P.
  func apply(to plan: Matrix, into out: inout Matrix) {
    switch self {
    case .matrix(let matrix):
      out.setToProduct(matrix, plan)
    case .squaredEuclidean(let points):
      // (s 1ᵀ + 1 sᵀ − 2 X Xᵀ) P
      let x = points.points
      let sums = plan.columnSums
      let moments = plan.transposedProduct(points.squaredNorms)
      out.addOuterSum(points.squaredNorms, sums, rowConstant: moments, overwriting: true)
      out.addTransposedProduct(x, plan.transposed * x, scale: -2)
    case .euclidean(let distances):
      forEachBlock(distances) { rows, block in out.setRows(rows, toProduct: block, plan) }
    }
  }

  /// Computes out = scale · P Aᵀ, or adds it to `out`.
  func applyTransposed(to plan: Matrix, scale: Double, overwriting: Bool, into out: inout Matrix) {
    switch self {
    case .matrix(let matrix):
      out.addTransposedProduct(plan, matrix, scale: scale, overwriting: overwriting)
    case .squaredEuclidean(let points):
      let x = points.points
      let sums = plan.rowSums
      let moments = plan * points.squaredNorms
      out.addOuterSum(
        sums, points.squaredNorms.map { $0 * scale }, columnConstant: moments.map { $0 * scale },
        overwriting: overwriting)
      out.addTransposedProduct(plan * x, x, scale: -2 * scale)
    case .euclidean(let distances):
      forEachBlock(distances) { rows, block in
        out.addTransposedProduct(toColumns: rows, plan, block, scale: scale, overwriting: overwriting)
      }
    }
  }

  private func forEachBlock(_ distances: DistanceRows, _ body: (Range<Int>, Matrix) -> Void) {
    for start in stride(from: 0, to: distances.count, by: Self.blockSize) {
      let rows = start..<min(start + Self.blockSize, distances.count)
      var block = Matrix(rows: rows.count, columns: distances.count)
      block.withUnsafeMutableElements { distances.write(rows, to: $0) }
      body(rows, block)
    }
  }

  /// Computes out = A S for a sparse plan S with `columns` columns.
  func apply(to entries: [PlanEntry], columns: Int, into out: inout Matrix) {
    guard case .matrix(let matrix) = self else {
      var plan = Matrix(rows: self.columns, columns: columns)
      for entry in entries { plan[entry.row, entry.column] = entry.mass }
      return apply(to: plan, into: &out)
    }
    out.withUnsafeMutableElements { out in
      matrix.withUnsafeElements { a in
        for i in 0..<matrix.rows {
          let (row, result) = (a + i * matrix.columns, out + i * columns)
          result.update(repeating: 0, count: columns)
          for entry in entries { result[entry.column] += row[entry.row] * entry.mass }
        }
      }
    }
  }
}

extension Matrix {
  /// Sets element (i, j) to x_i y_j + r_j + c_i, or adds it.
  fileprivate mutating func addOuterSum(
    _ x: [Double], _ y: [Double], rowConstant r: [Double]? = nil, columnConstant c: [Double]? = nil, overwriting: Bool
  ) {
    let columns = columns
    withUnsafeMutableElements { out in
      for i in 0..<x.count {
        let row = out + i * columns
        if overwriting { row.update(repeating: 0, count: columns) }
        if let c { for j in 0..<columns { row[j] += c[i] } }
        ck_axpy(x[i], y, row, columns)
        if let r { ck_axpy(1, r, row, columns) }
      }
    }
  }
}

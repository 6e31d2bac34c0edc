import CKernels
import LinearAlgebra

/// The distances of a node's space in the form that products need, with a constant subtracted that all spaces of the
/// problem share.
///
/// The constant cancels in |d_i − d_j|². Distances relative to their mean cause less cancellation in T, which matters
/// in single precision.
struct SpaceDistances: Sendable {
  let count: Int
  let copies: Int
  private let geometry: DistanceGeometry
  private let rows: DistanceRows?
  private let shift: Double
  /// The product with D − shift on a lattice, in single precision.
  private let single: LatticeProduct<Float>?
  private let double: LatticeProduct<Double>?
  private let square: LatticeProduct<Double>?

  /// Prepares the distances of a space.
  ///
  /// - Parameters:
  ///   - geometry: the distances.
  ///   - copies: how many consecutive copies each point stands for.
  ///   - shift: the constant that is subtracted from the distances.
  ///   - multiplies: whether products are needed; false if only `summary` is used.
  init(_ geometry: DistanceGeometry, copies: Int, shift: Double, multiplies: Bool = true) {
    self.geometry = geometry
    self.copies = copies
    count = geometry.count
    self.shift = shift
    rows =
      switch geometry {
      case .symmetric, .asymmetric, .lattice: nil
      case .squaredEuclidean(let points): DistanceRows(points, areSquared: true)
      case .euclidean(let points): DistanceRows(points, areSquared: false)
      }
    if multiplies, case .lattice(let lattice) = geometry {
      single = LatticeProduct(lattice) { $0 - shift }
      double = LatticeProduct(lattice) { $0 - shift }
      square = LatticeProduct(lattice) { ($0 - shift) * ($0 - shift) }
    } else {
      (single, double, square) = (nil, nil, nil)
    }
  }

  /// Writes the shifted distances from a range of points to some points.
  func write<Scalar>(_ range: Range<Int>, columns: [Int], into out: EdgeMatrix<Scalar>) {
    let isWhole = columns.count == count
    forEachRow(range) { position, row in
      let line = out.elements + position * out.columns
      if isWhole { return Scalar.distances(row, shift, line, count) }
      columns.withUnsafeBufferPointer { columns in
        for place in 0..<columns.count { line[place] = Scalar(row[columns[place]] - shift) }
      }
    }
  }

  /// Writes the shifted distances from some points to all points.
  func write<Scalar>(rows: [Int], into out: EdgeMatrix<Scalar>) {
    for (position, index) in rows.enumerated() {
      forEachRow(index..<index + 1) { _, row in Scalar.distances(row, shift, out.elements + position * count, count) }
    }
  }

  /// The structured product with the shifted distances, if it takes fewer operations than a dense product.
  ///
  /// The other factor has a row for each of `points` and `width` columns.
  func structured<Scalar: TreeScalar>(points: Int, width: Int, as _: Scalar.Type) -> LatticeProduct<Scalar>? {
    guard let product = (single as? LatticeProduct<Scalar>) ?? (double as? LatticeProduct<Scalar>) else { return nil }
    return product.operations(width: width) < denseOperations(points: points, width: width) ? product : nil
  }

  /// The number of operations of the cheapest product of D[:, points] with a matrix of `width` columns.
  func operations(points: Int, width: Int) -> Double {
    let dense = denseOperations(points: points, width: width)
    return min(dense, single?.operations(width: width) ?? dense)
  }

  private func denseOperations(points: Int, width: Int) -> Double { 2 * Double(count) * Double(points) * Double(width) }

  private func forEachRow(_ range: Range<Int>, _ body: (Int, UnsafePointer<Double>) -> Void) {
    if case .symmetric(let matrix) = geometry {
      matrix.withUnsafeElements { elements in
        for (position, i) in range.enumerated() { body(position, elements + i * count) }
      }
      return
    }
    let buffer = UnsafeMutablePointer<Double>.allocate(capacity: count)
    defer { buffer.deallocate() }
    for (position, i) in range.enumerated() {
      if case .lattice(let lattice) = geometry {
        lattice.write(i, to: buffer)
      } else {
        rows?.write(i..<i + 1, to: buffer)
      }
      body(position, buffer)
    }
  }

  /// The weights of the base points, summed over all copies.
  func gathered(_ weights: [Double]) -> [Double] {
    if copies == 1 { return weights }
    return (0..<count).map { k in weights[k * copies..<(k + 1) * copies].reduce(0, +) }
  }

  /// The values of the base points, repeated for all copies.
  func spread(_ values: [Double]) -> [Double] {
    copies == 1 ? values : values.flatMap { [Double](repeating: $0, count: copies) }
  }

  /// Σ_k (d_ik − shift)² w_k for the base points.
  func squares(_ w: [Double]) -> [Double] {
    if let square {
      let (column, result) = (EdgeMatrix<Double>(rows: count, columns: 1), EdgeMatrix<Double>(rows: count, columns: 1))
      column.elements.update(from: w, count: count)
      square.apply(Array(0..<count), column, into: result, LatticeBuffers())
      return (0..<count).map { result.elements[$0] }
    }
    var result = [Double](repeating: 0, count: count)
    forEachRow(0..<count) { i, row in result[i] = ck_shifted_squared_dot(row, shift, w, count) }
    return result
  }

  /// The largest distance, and the mean distance under the product of the weights with themselves.
  func summary(_ w: [Double]) -> (largest: Double, mean: Double) {
    var (largest, sum) = (0.0, 0.0)
    forEachRow(0..<count) { i, row in
      sum += w[i] * ck_dot(row, w, count)
      largest = max(largest, ck_largest(row, count))
    }
    let mass = compensatedSum(w)
    return (largest, sum / (mass * mass))
  }
}

import CKernels

/// Returns the sum of `values` by Neumaier's compensated summation, whose error does not grow with their number.
public func compensatedSum(_ values: some Sequence<Double>) -> Double {
  var sum = 0.0
  var lost = 0.0
  for value in values {
    let next = sum + value
    lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
    sum = next
  }
  // With an infinite term, the compensation is NaN and must be dropped.
  return lost.isNaN ? sum : sum + lost
}

/// Returns the inner product of two vectors of equal length.
public func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "the inner product needs vectors of equal length, not \(x.count) and \(y.count)")
  return ck_dot(x, y, x.count)
}

/// Returns Σ |x_i − y_i|, the ℓ1 distance of two vectors of equal length.
public func absoluteDifference(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "the distance needs vectors of equal length, not \(x.count) and \(y.count)")
  return zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) }
}

/// Returns the squared Euclidean distance of two points, summed coordinate by coordinate so that equal points are at
/// 0.
@inlinable
public func squaredDistance(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
  x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      var sum = 0.0
      for k in 0..<x.count {
        let difference = x[k] - y[k]
        sum += difference * difference
      }
      return sum
    }
  }
}

/// Returns the squared Euclidean distances between all rows of `x` (n×d) and all rows of `y` (m×d), as an n×m matrix.
public func squaredDistances(_ x: Matrix, _ y: Matrix) -> Matrix {
  precondition(x.columns == y.columns, "distances need points of equal dimension, not \(x.columns) and \(y.columns)")
  return Matrix(rows: x.rows, columns: y.rows) { squaredDistance(x[row: $0], y[row: $1]) }
}

/// Returns exp of each element, with a relative error below 3e-16.
public func exponentials(_ x: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: x.count) { buffer, count in
    if let start = buffer.baseAddress { ck_exp(x, start, x.count) }
    count = x.count
  }
}

/// Returns the natural logarithm of each element; elements must not be negative, and 0 gives −∞.
public func logarithms(_ x: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: x.count) { buffer, count in
    if let start = buffer.baseAddress { ck_log(x, start, x.count) }
    count = x.count
  }
}

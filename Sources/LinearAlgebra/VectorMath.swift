import CKernels

/// The sum of `values` by Neumaier's compensated summation: the error does not grow with their number.
public func compensatedSum(_ values: some Sequence<Double>) -> Double {
  var sum = 0.0
  var lost = 0.0
  for value in values {
    let next = sum + value
    lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
    sum = next
  }
  // What an infinite term loses is no number.
  return lost.isNaN ? sum : sum + lost
}

/// The inner product of two vectors of one length.
public func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "inner product of vectors of \(x.count) and \(y.count) elements")
  return ck_dot(x, y, x.count)
}

/// Σ |x_i − y_i|.
public func absoluteDifference(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "difference of vectors of \(x.count) and \(y.count) elements")
  return zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) }
}

/// The squared Euclidean distance between rows of two matrices of one width, summed directly, so that equal rows are at distance 0.
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

/// The squared Euclidean distances between all rows of `x` and all rows of `y`.
public func squaredDistances(_ x: Matrix, _ y: Matrix) -> Matrix {
  precondition(x.columns == y.columns, "points of \(x.columns) and \(y.columns) coordinates have no distance")
  return Matrix(rows: x.rows, columns: y.rows) { squaredDistance(x[row: $0], y[row: $1]) }
}

/// exp of each element; relative error below 3e-16.
public func exponentials(_ x: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: x.count) { buffer, count in
    if let start = buffer.baseAddress { ck_exp(x, start, x.count) }
    count = x.count
  }
}

/// log of each element, which must not be negative; −∞ at 0.
public func logarithms(_ x: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: x.count) { buffer, count in
    if let start = buffer.baseAddress { ck_log(x, start, x.count) }
    count = x.count
  }
}

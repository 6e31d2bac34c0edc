import LinearAlgebra

/// Returns the orthogonal matrix, reflections included, that best rotates points x onto points y under a transport
/// plan P.
///
/// For `product` = xᵀ P y it is the O that maximizes ⟨O, xᵀ P y⟩, equivalently minimizes Σ P_ij |x_i O − y_j|²: the
/// polar factor U Vᵀ of the singular value decomposition xᵀ P y = U Σ Vᵀ (Schönemann, 1966). `product` is d×d.
public func procrustesRotation(_ product: Matrix) -> Matrix {
  precondition(product.isSquare, "both point sets must have the same number of coordinates")
  let n = product.rows
  guard let eigen = SymmetricEigen(product.transposed * product) else {
    preconditionFailure("a rotation needs finite points")
  }
  // Rows of `vectors` are the right singular vectors, largest last; their images are orthonormalized from the largest
  // down.
  let largest = max(eigen.values.last ?? 0, 0).squareRoot()
  var images: [(right: [Double], left: [Double])] = []
  for index in stride(from: n - 1, through: 0, by: -1) {
    let right = Array(eigen.vectors[row: index])
    var left = product * right
    if !(max(eigen.values[index], 0).squareRoot() > 1e-12 * largest) { left = [Double](repeating: 0, count: n) }
    images.append((right, orthonormal(left, to: images.map(\.left))))
  }
  return Matrix(rows: n, columns: n) { i, j in images.reduce(0) { $0 + $1.left[i] * $1.right[j] } }
}

/// The unit vector along the component of a vector orthogonal to given unit vectors; if it vanishes, a coordinate
/// axis is used.
private func orthonormal(_ vector: [Double], to others: [[Double]]) -> [Double] {
  let axes = vector.indices.map { axis in vector.indices.map { $0 == axis ? 1.0 : 0.0 } }
  for candidate in [vector] + axes {
    var rest = candidate
    let size = dot(rest, rest).squareRoot()
    // Two passes of Gram–Schmidt give orthogonality to machine precision.
    for other in others + others {
      let along = dot(rest, other)
      rest = zip(rest, other).map { $0 - along * $1 }
    }
    let length = dot(rest, rest).squareRoot()
    if size > 0, length > 1e-8 * size { return rest.map { $0 / length } }
  }
  return vector
}

import CKernels

/// The Guttman transform of points, the majorization step of multidimensional scaling.
///
/// It decreases the raw stress Σ_{i<j} (|x_i − x_j| − d_ij)² (de Leeuw, 1977). Row i of B(x) x is Σ_j d_ij (x_i −
/// x_j)/|x_i − x_j|, where pairs of coincident points contribute nothing.
///
/// - Parameters:
///   - distances: the target distances, n×n, symmetric with zero diagonal.
///   - points: the points x, n×k, one per row.
/// - Returns: B(x) x (n×k) and the raw stress at x.
/// - Complexity: O(n² k)
public func guttmanTransform(_ distances: Matrix, _ points: Matrix) -> (image: Matrix, stress: Double) {
  let (n, k) = (points.rows, points.columns)
  precondition(distances.rows == n && distances.columns == n, "\(n) points need \(n)×\(n) distances")
  let axes = points.transposed
  var image = Matrix(rows: n, columns: k)
  var stress = 0.0
  withUnsafeTemporaryAllocation(of: Double.self, capacity: max(n, 1)) { buffer in
    guard let ratios = buffer.baseAddress else { return }
    distances.withUnsafeElements { distances in
      points.withUnsafeElements { points in
        axes.withUnsafeElements { axes in
          for i in 0..<n {
            var sum = 0.0
            ck_squared_distance_row(points + i * k, axes, k, ratios, n)
            stress += ck_guttman_row(distances + i * n, ratios, &sum, n)
            for axis in 0..<k { image[i, axis] = sum * points[i * k + axis] - ck_dot(ratios, axes + axis * n, n) }
          }
        }
      }
    }
  }
  return (image, stress / 2)
}

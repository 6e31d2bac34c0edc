import CKernels
import LinearAlgebra

/// Maps points row by row on all threads.
///
/// - Parameters:
///   - points: one a row.
///   - columns: how many coordinates an image has.
///   - room: how many numbers a thread needs to work with.
///   - body: is given a point, the room and where its image goes.
/// - Returns: the images, one a row.
func mapRows(
  of points: Matrix, to columns: Int, room: Int,
  _ body:
    @Sendable (
      _ point: UnsafeBufferPointer<Double>, _ room: UnsafeMutableBufferPointer<Double>,
      _ image: UnsafeMutableBufferPointer<Double>
    )
    -> Void
) -> Matrix {
  var images = Matrix(rows: points.rows, columns: columns)
  let (count, dimension) = (points.rows, points.columns)
  images.withUnsafeMutableElements { images in
    points.elements.withUnsafeBufferPointer { points in
      nonisolated(unsafe) let (images, points) = (images, points)
      forEachChunk(of: count, chunks: 64) { _, range in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
          for row in range {
            body(
              UnsafeBufferPointer(rebasing: points[row * dimension..<(row + 1) * dimension]), room,
              UnsafeMutableBufferPointer(start: images + row * columns, count: columns))
          }
        }
      }
    }
  }
  return images
}

extension Matrix {
  /// The squared distances of a point to the points whose coordinates lie axis after axis in this matrix.
  func squaredDistances(from point: UnsafeBufferPointer<Double>, into squares: UnsafeMutableBufferPointer<Double>) {
    elements.withUnsafeBufferPointer { axes in
      if let point = point.baseAddress, let axes = axes.baseAddress, let squares = squares.baseAddress {
        ck_squared_distance_row(point, axes, rows, squares, columns)
      }
    }
  }
}

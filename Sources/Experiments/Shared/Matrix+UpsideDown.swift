import LinearAlgebra

extension Matrix {
  /// The rows from bottom to top.
  var upsideDown: Matrix { selectingRows((0..<rows).reversed()) }
}

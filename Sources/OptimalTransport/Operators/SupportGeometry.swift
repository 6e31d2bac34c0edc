import CKernels
import LinearAlgebra

/// The cost between the N points of a fixed support.
public enum SupportGeometry: Sendable {
  /// Any symmetric cost matrix, N×N.
  case cost(Matrix)
  /// The squared Euclidean distance on a regular grid.
  ///
  /// The grid has `shape` points along its axes, with the last index running fastest, and spacing `step`. Its Gibbs
  /// kernel is a product of one small kernel per axis: a product costs O(N Σ n_k) instead of O(N²), and no N×N matrix
  /// is formed.
  case grid(shape: [Int], step: Double)

  /// The number N of points.
  public var count: Int {
    switch self {
    case .cost(let cost): cost.rows
    case .grid(let shape, _): shape.reduce(1, *)
    }
  }

  func validate() throws(ProblemError) {
    switch self {
    case .cost(let cost):
      // Symmetry, size, and finiteness are checked as for distances.
      _ = try MetricMeasureSpace(distances: cost, name: "the cost matrix")
    case .grid(let shape, let step):
      if shape.isEmpty || shape.contains(where: { $0 < 1 }) {
        throw .parameter(name: "the shape of the grid", found: "\(shape)", expected: "positive extents")
      }
      try ProblemError.validate(positive: step, named: "the step of the grid")
      let extent = step * Double(shape.max() ?? 1)
      if extent > largestDistance {
        throw .parameter(name: "the extent of the grid", found: "\(extent)", expected: "at most \(largestDistance)")
      }
      // A cost and a kernel per axis.
      try ProblemError.validate(
        numbers: 2 * shape.reduce(0) { $0 + Double($1) * Double($1) }, named: "a grid of the shape \(shape)")
    }
  }
}

/// The Gibbs kernel exp(−C/ε) of a support, applied axis by axis to N numbers, or in the log domain, which is safe
/// for any ε.
struct GibbsOperator {
  private struct Axis {
    let cost: Matrix
    let kernel: Matrix
    /// The product of the axis lengths before this axis.
    let outer: Int
    let inner: Int
  }

  private let axes: [Axis]
  private let epsilon: Double
  let count: Int

  init(_ geometry: SupportGeometry, epsilon: Double) {
    self.epsilon = epsilon
    count = geometry.count
    func kernel(_ cost: Matrix) -> Matrix {
      var kernel = cost.map { -$0 / epsilon }
      let exponents = kernel.elements
      kernel.withUnsafeMutableElements { ck_exp(exponents, $0, exponents.count) }
      return kernel
    }
    switch geometry {
    case .cost(let cost):
      axes = [Axis(cost: cost, kernel: kernel(cost), outer: 1, inner: 1)]
    case .grid(let shape, let step):
      axes = shape.indices.map { k in
        let cost = Matrix(rows: shape[k], columns: shape[k]) { i, j in
          let difference = Double(i - j) * step
          return difference * difference
        }
        return Axis(
          cost: cost, kernel: kernel(cost), outer: shape[..<k].reduce(1, *), inner: shape[(k + 1)...].reduce(1, *))
      }
    }
  }

  /// Returns K x.
  func apply(_ x: [Double]) -> [Double] {
    axes.reduce(x) { values, axis in
      alongAxis(values, axis) { slice in
        slice.columns == 1
          ? Matrix(rows: slice.rows, columns: 1, elements: axis.kernel * slice.elements) : axis.kernel * slice
      }
    }
  }

  /// Returns log K exp(x).
  func applyToLogarithms(_ x: [Double]) -> [Double] {
    axes.reduce(x) { values, axis in
      alongAxis(values, axis) { slice in
        var (buffer, result) = ([Double](repeating: 0, count: slice.columns), slice)
        result.withUnsafeMutableElements { out in
          axis.cost.withUnsafeElements {
            ck_log_sum_exp_axis($0, axis.cost.rows, 1 / epsilon, slice.elements, slice.columns, &buffer, out)
          }
        }
        return result
      }
    }
  }

  /// Moves the axis to the front and flattens all others, so that one product serves them all.
  private func alongAxis(_ x: [Double], _ axis: Axis, _ body: (Matrix) -> Matrix) -> [Double] {
    let n = axis.kernel.rows
    if axis.outer == 1 { return body(Matrix(rows: n, columns: axis.inner, elements: x)).elements }
    if axis.inner == 1 { return body(Matrix(rows: axis.outer, columns: n, elements: x).transposed).transposed.elements }
    var result = [Double](repeating: 0, count: x.count)
    let block = n * axis.inner
    for o in 0..<axis.outer {
      let slice = Matrix(rows: n, columns: axis.inner, elements: Array(x[o * block..<(o + 1) * block]))
      result.replaceSubrange(o * block..<(o + 1) * block, with: body(slice).elements)
    }
    return result
  }
}

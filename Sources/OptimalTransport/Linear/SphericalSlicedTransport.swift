import Glibc
import LinearAlgebra

/// Sliced Wasserstein distances on the sphere.
///
/// Bonet, Berg, Courty, Septier, Drumetz, Pham 2023, arXiv:2206.08780:
///
///     SSW_p^p = mean over planes U of W_p^p between the angles of the points seen in U,
///
/// along the circle, in turns; 2π times a distance is one in radians. Against the uniform measure on the sphere each
/// slice has a closed form (p = 2).
///
/// Exact for the planes that are given; the mean over drawn planes is an estimate, whose standard error is given. A
/// point that is at a right angle to a plane counts as of angle 0. k problems of `CircleTransport`; memory O(n + m).
///
///     let planes = SphericalSlicedTransport.planes(100, dimensions: 3, seed: 1)
///     let solution = try SphericalSlicedTransport().solve(x, y, through: planes)
///     print(solution.values.distance)
public struct SphericalSlicedTransport: Sendable {
  /// The exponent p of the cost, in [1, 100].
  public var exponent: Double

  /// Creates a solver.
  ///
  /// - Parameter exponent: the exponent p of the cost, in [1, 100].
  public init(exponent: Double = 2) { self.exponent = exponent }

  /// Draws planes uniformly.
  ///
  /// - Parameters:
  ///   - count: the number of planes.
  ///   - dimensions: the dimension of the space.
  ///   - seed: the seed of the draw.
  /// - Returns: A matrix with two rows per plane, (2·count)×dimensions.
  public static func planes(_ count: Int, dimensions: Int, seed: UInt64) -> Matrix {
    SlicedTransport.directions(2 * count, dimensions: dimensions, seed: seed)
  }

  /// Computes the slices.
  ///
  /// - Parameters:
  ///   - x: n×d points of length 1, to 1e-4; d ≥ 2.
  ///   - y: m×d such points; the uniform measure on the sphere when nil.
  ///   - source: the weights of x; uniform with sum 1 when nil.
  ///   - target: the weights of y, of the same sum to 1e-9; uniform with sum 1 when nil.
  ///   - planes: 2k×d, two rows that span a plane after the other; they are made orthonormal.
  ///   - monitor: is asked after some slices whether to go on; otherwise the solution covers the finished slices.
  /// - Returns: The value of each slice.
  /// - Throws: `ProblemError` when a size does not fit, a point does not lie on the sphere, a weight is negative, two
  ///   rows span no plane, p is out of range, or it is not 2 against the uniform measure.
  public func solve(
    _ x: Matrix, _ y: Matrix?, source: [Double]? = nil, target: [Double]? = nil, through planes: Matrix,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> SlicedSolution {
    _ = try PowerCost(exponent: exponent)
    try SlicedTransport.validate(x, y ?? x, planes, atMost: 1e100)
    for (name, points) in [("X", x), ("Y", y ?? x)] { try Self.validate(points, named: name) }
    let basis = try Self.orthonormal(planes)
    var series = SliceSeries()
    func angles(_ points: Matrix, _ range: Range<Int>) -> [[Double]] {
      let part = basis.selectingRows(Array(2 * range.lowerBound..<2 * range.upperBound)).transposedProduct(with: points)
      return range.indices.map { index in
        let row = 2 * (index - range.lowerBound)
        return (0..<points.rows).map { atan2(part[row + 1, $0], part[row, $0]) / (2 * .pi) }
      }
    }
    if let y {
      let circle = CircleTransport(circumference: 1, exponent: exponent)
      try series.solve(basis.rows / 2, monitor: monitor) { range in
        let (u, v) = (angles(x, range), angles(y, range))
        return { index throws(ProblemError) in try circle.solve(u[index], v[index], source: source, target: target) }
      } value: {
        $0.value
      }
    } else {
      if exponent != 2 {
        throw .parameter(name: "the exponent", found: "\(exponent)", expected: "2 against the uniform measure")
      }
      try series.solve(basis.rows / 2, monitor: monitor) { range in
        let u = angles(x, range)
        return { index throws(ProblemError) in try CircleTransport.squaredDistanceToUniform(u[index], source: source) }
      } value: {
        $0
      }
    }
    return SlicedSolution(
      values: SliceValues(each: series.values, exponent: exponent),
      directions: basis.selectingRows(Array(0..<2 * series.values.count)), plan: nil, status: series.status)
  }

  private static func validate(_ points: Matrix, named name: String) throws(ProblemError) {
    if points.columns < 2 {
      throw .shape(name: name, found: "1 coordinate", expected: "2 or more, of points on a sphere")
    }
    for i in 0..<points.rows {
      let length = Matrix.length(points[row: i])
      if !(abs(length * length - 1) <= 1e-4) {
        throw .parameter(
          name: "the length of point \(i) of \(name)", found: "\(length)", expected: "1, as on the sphere")
      }
    }
  }

  private static func orthonormal(_ planes: Matrix) throws(ProblemError) -> Matrix {
    if planes.rows % 2 != 0 {
      throw .shape(name: "the set of planes", found: "\(planes.rows) rows", expected: "two a plane")
    }
    var result = try planes.unitRows(named: "direction")
    for first in stride(from: 0, to: planes.rows, by: 2) {
      // Twice, so that what rounding leaves of the first goes as well.
      for _ in 0..<2 {
        let along = dot(Array(result[row: first]), Array(result[row: first + 1]))
        for k in 0..<planes.columns { result[first + 1, k] -= along * result[first, k] }
        let length = Matrix.length(result[row: first + 1])
        if length < 1e-12 {
          throw .parameter(
            name: "directions \(first) and \(first + 1)", found: "parallel", expected: "two that span a plane")
        }
        for k in 0..<planes.columns { result[first + 1, k] /= length }
      }
    }
    return result
  }
}

extension CircleTransport {
  /// W_2² between points on a circle of circumference 1 and the uniform measure on it: the variance of F⁻¹(t) − t
  /// over t (Bonet et al.
  ///
  /// 2023, arXiv:2206.08780, proposition 1). O(n log n).
  ///
  /// - Parameters:
  ///   - x: n positions, taken modulo 1.
  ///   - source: their weights; uniform with sum 1 when nil. The uniform measure has their sum.
  /// - Returns: W_2² in turns, times the mass.
  /// - Throws: `ProblemError` when a number is not finite, a weight is negative or the sizes differ.
  public static func squaredDistanceToUniform(_ x: [Double], source: [Double]? = nil) throws(ProblemError) -> Double {
    let weights = source ?? .uniform(x.count)
    if weights.count != x.count {
      throw .shape(name: "the weights", found: "\(weights.count) elements", expected: "\(x.count)")
    }
    try ProblemError.validate(weights: weights, named: "the weights")
    try ProblemError.validate(Matrix(rows: x.count, columns: 1, elements: x), named: "the positions", atMost: 1e100)
    let mass = compensatedSum(weights)
    if !mass.isFinite {
      throw .parameter(name: "the sum of the weights", found: "\(mass)", expected: "a finite number")
    }
    let positions = x.map { $0 - $0.rounded(.down) }
    var shares: [Double] = []
    var gaps: [Double] = []
    var before = 0.0
    for index in x.indices.sorted(by: { positions[$0] < positions[$1] }) {
      // A point stands for a stretch of the uniform measure of its weight, which ends where the next one's begins.
      let share = weights[index] / mass
      gaps.append(positions[index] - (before + share / 2))
      shares.append(share)
      before += share
    }
    let mean = compensatedSum(zip(shares, gaps).map { $0 * $1 })
    return mass * compensatedSum(zip(shares, gaps).map { $0 * (($1 - mean) * ($1 - mean) + $0 * $0 / 12) })
  }
}

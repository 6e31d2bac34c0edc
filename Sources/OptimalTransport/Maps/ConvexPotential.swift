import Glibc
import LinearAlgebra

/// A convex function of points as a network with one hidden layer, whose gradient is an optimal map at squared
/// Euclidean cost.
///
/// That is Brenier's theorem; the network has nonnegative weights (after Amos, Xu, Kolter 2017, arXiv:1609.07152),
///
///     f(x) = ½ q ‖x‖² + s·x + Σ_k h_k τ log(1 + exp((u_k·x + o_k)/τ)),       q > 0, h ≥ 0.
///
/// The gradient is continuous: the map cannot tear, and smooths what should be cut. O(m d) a point.
public struct ConvexPotential: TransportMap, Equatable {
  /// q, positive.
  public let curvature: Double
  /// s, d numbers.
  public let slope: [Double]
  /// u, m×d: one direction a ridge.
  public let directions: Matrix
  /// o, m numbers.
  public let offsets: [Double]
  /// h, m nonnegative numbers.
  public let heights: [Double]
  /// τ, how sharp ridges are.
  public let smoothness: Double

  /// d, the number of coordinates of the points that it maps.
  public var dimension: Int { slope.count }

  /// The potential with the given parts.
  ///
  /// - Parameters:
  ///   - curvature: q, positive.
  ///   - slope: s, d numbers.
  ///   - directions: u, m×d.
  ///   - offsets: o, m numbers.
  ///   - heights: h, m nonnegative numbers.
  ///   - smoothness: τ, positive.
  public init(
    curvature: Double, slope: [Double], directions: Matrix, offsets: [Double], heights: [Double], smoothness: Double
  ) {
    precondition(curvature > 0 && smoothness > 0 && heights.allSatisfy { $0 >= 0 }, "the potential would not be convex")
    precondition(
      directions.rows == heights.count && offsets.count == heights.count && directions.columns == slope.count,
      "a ridge has a direction of the points' dimension, an offset and a height")
    (self.curvature, self.slope, self.directions) = (curvature, slope, directions)
    (self.offsets, self.heights, self.smoothness) = (offsets, heights, smoothness)
  }

  /// f at a point of d coordinates.
  public func value(at point: [Double]) -> Double {
    precondition(point.count == dimension, "the point has another dimension than the potential")
    return dot(slope, point) + 0.5 * curvature * dot(point, point)
      + heights.indices.reduce(0) { $0 + heights[$1] * smoothness * softplus(argument($1, point) / smoothness) }
  }

  /// ∇f at points, one a row: where the map takes them.
  public func images(of points: Matrix) -> Matrix {
    mapRows(of: points, to: dimension, room: 1) { point, _, image in
      for k in 0..<image.count { image[k] = slope[k] + curvature * point[k] }
      for ridge in heights.indices {
        var argument = offsets[ridge]
        for k in 0..<image.count { argument += directions[ridge, k] * point[k] }
        let weight = heights[ridge] * sigmoid(argument / smoothness)
        for k in 0..<image.count { image[k] += weight * directions[ridge, k] }
      }
    }
  }

  private func argument(_ ridge: Int, _ point: [Double]) -> Double {
    point.indices.reduce(offsets[ridge]) { $0 + directions[ridge, $1] * point[$1] }
  }
}

/// log(1 + eᶻ), without overflow.
func softplus(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }

/// 1/(1 + e⁻ᶻ), without overflow.
func sigmoid(_ z: Double) -> Double {
  if z >= 0 { return 1 / (1 + exp(-z)) }
  let small = exp(z)
  return small / (1 + small)
}

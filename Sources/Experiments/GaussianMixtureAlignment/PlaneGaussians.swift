import Foundation
import Learning
import LinearAlgebra

/// A Gaussian in the plane.
struct PlaneGaussian {
  let mean: (x: Double, y: Double)
  /// The variances and the covariance.
  let covariance: (xx: Double, xy: Double, yy: Double)

  private var determinant: Double { max(covariance.xx * covariance.yy - covariance.xy * covariance.xy, 0) }

  /// Returns the squared Bures–Wasserstein distance |m − m'|² + tr S + tr S' − 2 √(tr(S S') + 2 √(det S det S')).
  func squaredDistance(to other: PlaneGaussian) -> Double {
    let (s, t) = (covariance, other.covariance)
    let (dx, dy) = (mean.x - other.mean.x, mean.y - other.mean.y)
    let product = s.xx * t.xx + 2 * s.xy * t.xy + s.yy * t.yy
    let root = (product + 2 * (determinant * other.determinant).squareRoot()).squareRoot()
    return max(dx * dx + dy * dy + s.xx + s.yy + t.xx + t.yy - 2 * root, 0)
  }

  /// Returns points one standard deviation away from the mean in all directions.
  func outline(_ count: Int = 48) -> [[Double]] {
    let a = max(covariance.xx, 1e-12).squareRoot()
    let b = covariance.xy / a
    let c = max(covariance.yy - b * b, 0).squareRoot()
    return (0..<count).map { step in
      let (u, v) = (cos(2 * .pi * Double(step) / Double(count)), sin(2 * .pi * Double(step) / Double(count)))
      return [mean.x + a * u, mean.y + b * u + c * v]
    }
  }

  static func distances(_ all: [PlaneGaussian]) -> Matrix {
    var result = Matrix(rows: all.count, columns: all.count)
    for i in 0..<all.count {
      for j in 0..<i {
        let length = all[i].squaredDistance(to: all[j]).squareRoot()
        (result[i, j], result[j, i]) = (length, length)
      }
    }
    return result
  }

  static func components(_ mixture: GaussianMixture) -> [PlaneGaussian] {
    mixture.weights.indices.map { index in
      let s = mixture.covariances[index]
      return PlaneGaussian(
        mean: (mixture.means[index, 0], mixture.means[index, 1]), covariance: (s[0, 0], s[0, 1], s[1, 1]))
    }
  }
}

/// Finitely many Gaussians to embed mixtures into: means on a grid of the unit square, each with twelve covariances.
struct GaussianGrid {
  let gaussians: [PlaneGaussian]
  static let shapes = 12

  /// Creates the grid.
  ///
  /// - Parameters:
  ///   - side: the number of means along each side.
  ///   - scale: the factor s of the covariances s [[v, r √(vw)], [·, w]] with v and w ½ or 1, and r −½, 0, or ½.
  init(side: Int, scale: Double) {
    let covariances = [0.5, 1].flatMap { v in
      [0.5, 1].flatMap { w in [-0.5, 0, 0.5].map { r in (scale * v, scale * r * (v * w).squareRoot(), scale * w) } }
    }
    let step = 1 / Double(max(side - 1, 1))
    gaussians = (0..<side * side).flatMap { place in
      covariances.map {
        PlaneGaussian(mean: (step * Double(place % side), step * Double(place / side)), covariance: $0)
      }
    }
  }

  /// Averages a row of a plan: its mean Gaussian, its most likely covariance, and the fraction of mass on that
  /// covariance.
  func average(_ row: ArraySlice<Double>) -> (gaussian: PlaneGaussian, shape: Int, share: Double) {
    let total = max(compensatedSum(row), .leastNormalMagnitude)
    var (mean, covariance) = ((x: 0.0, y: 0.0), (xx: 0.0, xy: 0.0, yy: 0.0))
    var shapes = [Double](repeating: 0, count: Self.shapes)
    for (index, mass) in row.enumerated() where mass > 0 {
      let (share, own) = (mass / total, gaussians[index])
      mean = (mean.x + share * own.mean.x, mean.y + share * own.mean.y)
      covariance = (
        covariance.xx + share * own.covariance.xx, covariance.xy + share * own.covariance.xy,
        covariance.yy + share * own.covariance.yy
      )
      shapes[index % Self.shapes] += share
    }
    let shape = shapes.indices.max { shapes[$0] < shapes[$1] } ?? 0
    return (PlaneGaussian(mean: mean, covariance: covariance), shape, shapes[shape])
  }
}

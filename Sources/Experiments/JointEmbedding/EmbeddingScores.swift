import Foundation
import Learning
import LinearAlgebra

/// The accuracy of an embedding.
struct EmbeddingScores {
  /// The correlation of the distances between images with the true distances, over all pairs.
  let correlation: Double
  /// The root mean square error.
  ///
  /// If the truth is a chart or a sphere, it measures positions after the best rigid motion, and otherwise
  /// differences of distances. Its unit is that of the true distances; in a plane the largest of these is 1.
  let rms: Double

  /// Scores an embedding.
  ///
  /// - Parameters:
  ///   - space: the embedded space.
  ///   - images: the images, n × 2 or n × 3.
  ///   - found: the distances between the images, in the unit of `unit`.
  ///   - unit: the factor by which the space's own distances are divided.
  ///   - surface: the target surface.
  init(_ space: EmbeddingSpace, images: Matrix, found: Matrix, unit: Double, surface: EmbeddingTarget.Surface) {
    let truth: Matrix
    switch space.truth {
    case .chart(let chart): truth = squaredDistances(chart, chart).map { $0.squareRoot() / unit }
    case .sphere, .torus, .vertices: truth = space.distances.map { $0 / unit }
    }
    correlation = pearsonCorrelation(found.elements, truth.elements)
    switch space.truth {
    case .chart(let chart) where surface == .plane:
      let (moved, target) = (Self.centred(images), Self.centred(chart.map { $0 / unit }))
      rms = Self.rootMeanSquare(Self.turned(moved, onto: target), target)
    case .sphere(let positions) where surface == .sphere:
      // The rotation is about the center of the sphere, which both share.
      let turned = Self.turned(images, onto: positions)
      let squares = (0..<turned.rows).reduce(0.0) { sum, row in
        let half = min(squaredDistance(turned[row: row], positions[row: row]).squareRoot() / 2, 1)
        return sum + 4 * asin(half) * asin(half)
      }
      rms = (squares / Double(max(turned.rows, 1))).squareRoot()
    default:
      rms =
        (zip(found.elements, truth.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        / Double(found.elements.count))
        .squareRoot()
    }
  }

  private static func turned(_ points: Matrix, onto target: Matrix) -> Matrix {
    points * procrustesRotation(points.transposed * target)
  }

  private static func centred(_ points: Matrix) -> Matrix {
    let mean = points.columnSums.map { $0 / Double(points.rows) }
    return Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
  }

  static func rootMeanSquare(_ x: Matrix, _ y: Matrix) -> Double {
    let square = zip(x.elements, y.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (square / Double(max(x.rows, 1))).squareRoot()
  }

  /// Returns the root mean square distance between images of corresponding points.
  ///
  /// Points correspond if they are vertices with the same index (up to left and right if the first body is
  /// symmetric), or the same place of a rectangle (up to its four symmetries); distances cannot tell these apart.
  ///
  /// - Parameters:
  ///   - first: the first space.
  ///   - second: the second space.
  ///   - images: the images of both.
  /// - Returns: The distance; nil if no points correspond.
  static func alignmentError(_ first: EmbeddingSpace, _ second: EmbeddingSpace, images: (first: Matrix, second: Matrix))
    -> Double?
  {
    switch (first.truth, second.truth) {
    case (.vertices(let x, of: let n), .vertices(let y, of: let m)) where n == m && Set(x) == Set(y):
      let rows = Dictionary(y.enumerated().map { ($1, $0) }) { $1 }
      let second = images.second.selectingRows(x.compactMap { rows[$0] })
      let own = rootMeanSquare(images.first, second)
      guard let twins = mirrorTwins(first.positions) else { return own }
      return min(own, rootMeanSquare(images.first, second.selectingRows(twins)))
    case (.chart(let x), .chart(let y)):
      let (width, height) = (1.0, 0.5)
      let errors = [(false, false), (true, false), (false, true), (true, true)].map { flips in
        let flipped = Matrix(rows: x.rows, columns: 2) { row, axis in
          axis == 0 ? (flips.0 ? width - x[row, 0] : x[row, 0]) : flips.1 ? height - x[row, 1] : x[row, 1]
        }
        let distances = squaredDistances(flipped, y)
        let twins = (0..<x.rows).map { row in (0..<y.rows).min { distances[row, $0] < distances[row, $1] } ?? 0 }
        return rootMeanSquare(images.first, images.second.selectingRows(twins))
      }
      return errors.min()
    default: return nil
    }
  }

  /// Returns the vertex nearest to the mirror image of each vertex in the plane x = mean.
  ///
  /// - Parameter positions: the vertices.
  /// - Returns: The vertices; nil if the mean distance exceeds a thirtieth of the width, so that the body is not
  ///   symmetric.
  private static func mirrorTwins(_ positions: Matrix) -> [Int]? {
    let middle = positions.columnSums[0] / Double(positions.rows)
    let mirrored = Matrix(rows: positions.rows, columns: positions.columns) {
      $1 == 0 ? 2 * middle - positions[$0, 0] : positions[$0, $1]
    }
    let distances = squaredDistances(mirrored, positions)
    let twins = (0..<positions.rows).map { row in
      (0..<positions.rows).min { distances[row, $0] < distances[row, $1] } ?? row
    }
    let mean =
      twins.enumerated().reduce(0) { $0 + distances[$1.offset, $1.element].squareRoot() } / Double(positions.rows)
    let width = (0..<positions.rows).reduce(0) { max($0, 2 * abs(positions[$1, 0] - middle)) }
    return mean < width / 30 ? twins : nil
  }
}

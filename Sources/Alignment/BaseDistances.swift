import Glibc
import Learning
import LinearAlgebra
import Support

/// The cell-to-cell distances of one modality from which its views are built.
struct BaseDistances {
  private let features: Matrix
  /// U, the features, with rows scaled to unit length if `DepthRule` applies.
  private let prepared: Matrix

  init(_ features: Matrix) {
    self.features = features
    prepared = DepthRule.applies(to: features) ? unitRows(features) : features
  }

  func matrix(_ base: ViewRecipe.Base) throws(GraphError) -> Matrix {
    switch base {
    case .features: try distances(prepared)
    case .directions: try distances(unitRows(features))
    case .correlation: try distances(features, .correlation)
    case .standardized: try distances(Self.standardizedColumns(prepared))
    case .logRatios:
      try distances(Self.centeredRows(features.elements.contains { $0 < 0 } ? prepared : features.map { log1p($0) }))
    }
  }

  private func distances(_ points: Matrix, _ metric: Metric = .euclidean) throws(GraphError) -> Matrix {
    var result = try pairwiseDistances(points, metric: metric, undefinedCorrelation: .zero)
    for i in 0..<result.rows { result[i, i] = 0 }
    return result
  }

  private static func centeredRows(_ points: Matrix) -> Matrix {
    let means = (0..<points.rows).map { points[row: $0].mean }
    return Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - means[$0] }
  }

  private static func standardizedColumns(_ points: Matrix) -> Matrix {
    let n = Double(points.rows)
    let means = points.columnSums.map { $0 / n }
    let deviations = (0..<points.columns).map { k in
      ((0..<points.rows).reduce(0) { $0 + (points[$1, k] - means[k]) * (points[$1, k] - means[k]) } / n).squareRoot()
    }
    return Matrix(rows: points.rows, columns: points.columns) {
      deviations[$1] > 0 ? (points[$0, $1] - means[$1]) / deviations[$1] : 0
    }
  }
}

/// Whether row lengths reflect sequencing depth rather than the state of the cell.
enum DepthRule {
  /// The coefficient of variation of row lengths above which they are taken to reflect depth.
  static let variation = 0.5

  static func applies(to features: Matrix) -> Bool {
    let lengths = rowLengths(features)
    return lengths.standardDeviation(.population) > variation * lengths.mean
  }
}

/// Returns the rows scaled to unit length; rows of zeros stay unchanged.
func unitRows(_ points: Matrix) -> Matrix {
  let lengths = rowLengths(points)
  return Matrix(rows: points.rows, columns: points.columns) { lengths[$0] > 0 ? points[$0, $1] / lengths[$0] : 0 }
}

private func rowLengths(_ points: Matrix) -> [Double] {
  (0..<points.rows).map { points[row: $0].reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

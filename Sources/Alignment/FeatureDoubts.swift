import LinearAlgebra

/// Signs that the features of a modality are not ready for alignment.
enum FeatureDoubts {
  /// The number of features above which distances are dominated by noise, so that principal components should be
  /// used.
  static let many = 100
  /// The number of columns above which whole numbers count as raw counts even if none is 0.
  private static let fewColumns = 30

  /// Returns one sentence per problem; none for features that look preprocessed.
  static func sentences(_ features: Matrix, _ name: String) -> [String] {
    var sentences: [String] = []
    if areCounts(features) {
      sentences.append(
        """
        \(name): looks like raw counts (whole numbers up to \(Int(features.elements.max() ?? 0))): normalize them and \
        reduce them to principal components first
        """
      )
    } else if features.columns > many {
      sentences.append(
        """
        \(name): has \(features.columns) features, more than the \(many) for which distances are reliable: reduce them \
        to principal components first
        """
      )
    }
    let equal = cellsWithEquals(features)
    if 2 * equal > features.rows {
      sentences.append(
        """
        \(name): \(equal) of \(features.rows) cells equal another one in every feature and cannot be distinguished \
        from it
        """
      )
    }
    return sentences
  }

  /// Whether the features are nonnegative integers, some above 1, and some of them 0 or in many columns.
  ///
  /// Values of 0 and 1 alone are markers, not counts. Counts summed over regions, as in chromatin topics, are
  /// integers as well but never 0.
  private static func areCounts(_ features: Matrix) -> Bool {
    var (least, most) = (Double.infinity, 0.0)
    for value in features.elements {
      guard value >= 0, value == value.rounded() else { return false }
      (least, most) = (min(least, value), max(most, value))
    }
    return most > 1 && most < 9e15 && (least == 0 || features.columns > fewColumns)
  }

  private static func cellsWithEquals(_ features: Matrix) -> Int {
    var counts: [[Double]: Int] = [:]
    for row in 0..<features.rows { counts[Array(features[row: row]), default: 0] += 1 }
    return counts.values.reduce(0) { $1 > 1 ? $0 + $1 : $0 }
  }
}

import LinearAlgebra

/// What speaks against a modality's features before they are aligned.
enum FeatureDoubts {
  /// More features than this are mostly noise to a distance; principal components are expected instead.
  static let many = 100
  /// Whole numbers in more columns than this are taken for counts even where none is 0.
  private static let fewColumns = 30

  /// A sentence for each doubt; none for features that look prepared.
  static func sentences(_ features: Matrix, _ name: String) -> [String] {
    var sentences: [String] = []
    if areCounts(features) {
      sentences.append(
        "\(name): looks like raw counts (whole numbers up to \(Int(features.elements.max() ?? 0))): normalise them and take principal components first"
      )
    } else if features.columns > many {
      sentences.append(
        "\(name): has \(features.columns) features, more than the \(many) that distances are trusted with: take principal components first")
    }
    let equal = cellsWithEquals(features)
    if 2 * equal > features.rows {
      sentences.append("\(name): \(equal) of \(features.rows) cells equal another one in every feature, and cannot be told from it")
    }
    return sentences
  }

  /// Whole numbers that are not negative, some above 1 (marks of 0 and 1 are no counts), and some 0 or in many columns: sums of counts over regions, as in
  /// topics of chromatin, are whole as well but never 0.
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

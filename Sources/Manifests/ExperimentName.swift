import Documents

/// The names that experiments cannot have, since the results folder keeps something else under them.
public enum ExperimentName {
  private static let reserved = ["report", "tables", "gallery"]

  /// - Throws: `DocumentError` with a sentence when runs under this name would lie where otlab puts something else.
  public static func check(_ name: String, at place: Place) throws(DocumentError) {
    let word = name.lowercased()
    if word.unicodeScalars.first == "." {
      throw DocumentError(place: place, problem: "an experiment cannot be called '\(name)': what begins with a point is hidden in results")
    }
    // A report in the making lies beside the report.
    guard reserved.contains(word) || word.hasPrefix("report.") else { return }
    throw DocumentError(
      place: place,
      problem: "an experiment cannot be called '\(name)': otlab and its Makefile keep something else under this name in the results folder")
  }
}

import Documents

/// Names that experiments cannot have, since the results folder uses them for something else.
public enum ExperimentName {
  private static let reserved = ["report", "tables", "gallery"]

  /// Throws `DocumentError` if an experiment cannot have this name.
  public static func check(_ name: String, at place: Place) throws(DocumentError) {
    let word = name.lowercased()
    if word.unicodeScalars.first == "." {
      throw DocumentError(
        place: place,
        problem:
          "an experiment cannot be called '\(name)': names that begin with a point are hidden in the results folder")
    }
    // A report is written beside the existing one before it takes its place.
    guard reserved.contains(word) || word.hasPrefix("report.") else { return }
    throw DocumentError(
      place: place,
      problem: "an experiment cannot be called '\(name)': otlab uses this name for something else in the results folder"
    )
  }
}

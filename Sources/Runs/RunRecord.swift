import Documents

/// A finished run as it stands in the store.
public struct RunRecord: Sendable {
  public let directory: String
  /// run.json: key, document, inputs, provenance, outcome.
  public let run: Value
  /// metrics.json.
  public let metrics: [String: Value]

  /// - Throws: `DocumentError` when a file of the run is missing or damaged.
  public init(directory: String) throws(DocumentError) {
    self.directory = directory
    run = try Value(jsonFile: "\(directory)/run.json")
    guard let metrics = try Value(jsonFile: "\(directory)/metrics.json").object else {
      throw DocumentError(place: .file("\(directory)/metrics.json"), problem: "is not a JSON object")
    }
    self.metrics = metrics
  }

  public var outcome: String { run["outcome"]?.string ?? "unknown" }
  public var isConverged: Bool { outcome == "converged" }
}

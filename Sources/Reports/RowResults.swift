import Manifests
import Runs

/// The results of a manifest's rows, as far as their runs are finished.
public struct RowResults: Sendable {
  /// The manifest whose rows these are.
  public let manifest: Manifest
  /// The results of the rows.
  public let results: [CaseResult]

  /// The finished runs of all rows.
  public var runs: [FinishedRun] { results.flatMap(\.runs) }

  /// The tables that the manifest declares.
  public var tables: [Table] { manifest.tables.map { Table($0, manifest: manifest, results: results) } }

  /// Compares the metrics of the rows with a baseline.
  public func comparison(with baseline: Baseline) -> Comparison {
    Comparison(results: results, baseline: baseline, rules: manifest.metrics, tier: manifest.tier)
  }
}

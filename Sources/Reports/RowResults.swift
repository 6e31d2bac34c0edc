import Manifests
import Runs

/// The numbers of a manifest's rows, as far as their runs are finished.
public struct RowResults: Sendable {
  public let manifest: Manifest
  public let results: [CaseResult]

  /// The finished runs of all rows.
  public var runs: [FinishedRun] { results.flatMap(\.runs) }

  /// The manifest's tables.
  public var tables: [Table] { manifest.tables.map { Table($0, manifest: manifest, results: results) } }

  /// The verdict on the rows' metrics.
  public func comparison(with baseline: Baseline) -> Comparison {
    Comparison(results: results, baseline: baseline, rules: manifest.metrics, tier: manifest.tier)
  }
}

import Files
import Foundation
import Manifests
import Pipeline
import Reports
import Runs

/// Collects the content of an experiment's page.
public struct ReportPage {
  private let rows: FinishedRows
  private let results: RowResults
  private let manifest: Manifest
  private let comparison: Comparison?
  private let overview: [ExperimentPage.Picture]
  private let pictures: [ExperimentPage.Picture]
  private let explanation: String

  /// Collects the content and draws the figures into the experiment's folder of the site.
  ///
  /// - Parameters:
  ///   - rows: the rows with their finished runs.
  ///   - baseline: the baseline to compare with.
  ///   - experiments: the folder of experiments, which holds the README.
  ///   - site: the folder of the site.
  ///   - registry: the known kinds.
  /// - Throws: `StoreError` if a run is damaged, `FigureError` if a figure cannot be drawn, or an error of writing
  ///   files.
  public init(_ rows: FinishedRows, baseline: Baseline, experiments: String, building site: String, registry: Registry)
    throws
  {
    self.rows = rows
    results = try rows.read()
    manifest = rows.manifest
    comparison = baseline.has(manifest.tier) ? results.comparison(with: baseline) : nil
    let place = "\(site)/\(Site.folder(of: manifest.name))"
    let drawing = "\(site)/.drawing"
    defer { try? FileManager.default.removeItem(atPath: drawing) }
    overview = try results.drawSweep(into: "\(drawing)/sweep").map {
      try Self.keep($0, as: "figures/\(Self.file($0))", at: place)
    }
    pictures = try results.drawRows(into: "\(drawing)/rows", registry: registry).enumerated().flatMap { number, row in
      try row.paths.map {
        try Self.keep($0, as: "figures/rows/\(number + 1)-\(Self.file($0))", at: place, of: row.label)
      }
    }
    let readme = RegularFile.contents(of: "\(experiments)/\(manifest.name)/README.md") ?? Data()
    explanation = String(decoding: readme, as: UTF8.self)
  }

  private static func file(_ path: String) -> String { (path as NSString).lastPathComponent }

  /// Moves a figure to its place, without the script and the numbers it was drawn from.
  private static func keep(_ drawn: String, as path: String, at place: String, of row: String? = nil) throws
    -> ExperimentPage.Picture
  {
    let target = "\(place)/\(path)"
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: drawn, toPath: target)
    let name = (file(drawn) as NSString).deletingPathExtension
    return .init(caption: row.map { "\($0): \(name)" } ?? name, path: path)
  }

  private var runs: [FinishedRun] { results.runs }

  /// The content of the page.
  public var page: ExperimentPage {
    let sheets = runs.map { RunSheet($0) }
    return ExperimentPage(
      name: manifest.name, title: manifest.title,
      source: ([manifest.paper.cite] + manifest.paper.reproduces).filter { !$0.isEmpty }.joined(separator: ", "),
      tier: manifest.tier.rawValue,
      verdict: verdict, runs: costs,
      tables: runs.isEmpty ? [] : results.tables,
      overview: overview, rows: pictures, explanation: explanation, commands: commands, facts: facts(sheets),
      details: [moved, differing].compactMap(\.self))
  }

  private var verdict: ExperimentPage.Verdict {
    let unconverged = results.results.reduce(0) { $0 + $1.unconverged }
    let failed = rows.states.count { if case .failed = $0.state { true } else { false } }
    let notes =
      (failed > 0 ? " \(failed) runs have failed; 'otlab status \(manifest.name)' lists them." : "")
      + (unconverged > 0 ? " \(unconverged) runs did not converge, and the tables mark them with †." : "")
    if runs.isEmpty {
      return .init(
        word: failed > 0 ? "failed" : "not run", sentence: "There is no finished run in this tier.\(notes)",
        tone: failed > 0 ? .bad : .open
      )
    }
    guard let comparison else {
      return .init(word: "no baseline", sentence: "No metrics have been accepted for this tier.\(notes)", tone: .open)
    }
    let moved = comparison.lines.count { [.moved, .better].contains($0.verdict) }
    return switch comparison.exitCode {
    case 0:
      .init(
        word: "matches the baseline",
        sentence: "All \(comparison.lines.count) checked metrics are within their tolerances.\(notes)",
        tone: .good)
    case 2:
      .init(
        word: "out of tolerance",
        sentence: "\(moved) of \(comparison.lines.count) checked metrics are out of tolerance.\(notes)",
        tone: .bad)
    default:
      .init(
        word: "incomplete", sentence: "Some rows have no finished run, or a metric without a value.\(notes)",
        tone: .open)
    }
  }

  private var costs: String {
    guard !runs.isEmpty else { return "0 of \(rows.states.count) runs" }
    let environments = runs.map(\.ending.environment)
    let seconds = environments.compactMap(\.secondsElapsed).reduce(0, +)
    let memory = environments.compactMap(\.peakMemory).max().map { ", \(Quantity.memory($0)) at peak" } ?? ""
    return "\(runs.count) of \(rows.states.count) runs, \(Quantity.time(seconds)) in all\(memory)"
  }

  private var commands: [String] {
    let tier = manifest.tier == .smoke ? "" : " --tier \(manifest.tier.rawValue)"
    // The commands are meant to be copied into a shell.
    let quoted = "'" + manifest.name.replacing(#/'/#.matchingSemantics(.unicodeScalar), with: "'\\''") + "'"
    let name = manifest.name.isPlainShellWord ? manifest.name : quoted
    return ["run", "compare", "show"].map { "otlab \($0) \(name)\(tier)" }
      + (runs.first.map { ["otlab logs \($0.key)", "otlab rerun \($0.key)"] } ?? [])
  }

  private func facts(_ sheets: [RunSheet]) -> [ExperimentPage.Facts] {
    func distinct(_ texts: [String]) -> String {
      var seen: Set<String> = []
      let kept = texts.filter { !$0.isEmpty && seen.insert($0).inserted }
      return kept.prefix(4).joined(separator: "; ") + (kept.count > 4 ? "; … (\(kept.count))" : "")
    }
    let names = sheets.first?.origin.map(\.name) ?? []
    let origin = names.enumerated().map { position, name in
      (name: name, text: distinct(sheets.map { $0.origin[position].text }))
    }
    let started = runs.compactMap(\.ending.environment.started).sorted()
    let time = started.first.map { [(name: "made", text: distinct([$0, started.last ?? $0]))] } ?? []
    let inputs = Dictionary(sheets.flatMap(\.inputs).map { ($0.name, $0.sha256) }) { first, _ in first }.sorted {
      $0.key < $1.key
    }
    return [
      .init(
        title: "Parameters of all rows",
        lines: common.map { (name: $0.key, text: $0.value) }.sorted { $0.name < $1.name }),
      .init(title: "Inputs (SHA-256)", lines: inputs.map { (name: $0.key, text: $0.value) }),
      .init(title: "Provenance", lines: (time + origin).filter { !$0.text.isEmpty }),
    ]
  }

  /// The parameters of each row's first run.
  private var parameters: [(label: String, values: [String: String])] {
    results.results.compactMap { result in
      result.runs.first.map {
        (result.label, Dictionary(RunSheet($0).parameters.map { ($0.name, $0.text) }) { first, _ in first })
      }
    }
  }

  private var common: [String: String] {
    guard let first = parameters.first else { return [:] }
    return first.values.filter { name, text in parameters.allSatisfy { $0.values[name] == text } }
  }

  private var differing: Table? {
    let names = Set(parameters.flatMap(\.values.keys)).subtracting(common.keys).sorted()
    guard !names.isEmpty else { return nil }
    return Table(
      name: "parameters", title: "Parameters that differ between rows",
      columns: (["row"] + names).map { .init(title: $0, isNumeric: false) },
      rows: parameters.map { row in [row.label] + names.map { row.values[$0] ?? "" } })
  }

  private var moved: Table? {
    guard let comparison, comparison.exitCode == 2 else { return nil }
    return Table(
      comparison.lines.filter { $0.verdict != .same }, title: "Metrics out of tolerance or missing",
      reference: "baseline")
  }
}

import ArgumentParser
import Documents
import Experiments
import Files
import Foundation
import Manifests
import Pipeline
import Reports
import Runs

/// The folders of manifests, results, and data, the same for all commands.
struct WorkspaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of experiments.", valueName: "dir")) var experiments = "experiments"
  @Option(help: ArgumentHelp("The folder of results.", valueName: "dir")) var results = "results"
  @Option(help: ArgumentHelp("The folder of sources.yaml and of the data cache.", valueName: "dir")) var data = "data"

  func validate() throws {
    for (name, folder) in [("experiments", experiments), ("results", results), ("data", data)] {
      try requireText(folder, of: "--\(name)")
    }
  }

  var store: RunStore { RunStore(folder: results) }

  /// Returns the names of all experiments in alphabetical order.
  func names() throws -> [String] {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: experiments) else {
      throw DocumentError(
        place: .file(experiments),
        problem: "there is no such folder of experiments; change to the package's folder or use --experiments")
    }
    // A manifest that is a broken link is kept, so that reading it reports the problem.
    return entries.filter { RegularFile.isNamed("\(experiments)/\($0)/manifest.yaml") }.sorted()
  }

  /// Calls `body` for each experiment, and reports errors without stopping.
  ///
  /// - Parameters:
  ///   - names: the names of the experiments.
  ///   - body: the operation.
  /// - Returns: The results, and the largest exit code of the experiments that failed, or 0.
  /// - Throws: An error that is not a known failure.
  func each<R>(_ names: [String], _ body: (String) throws -> R) throws -> (results: [R], code: Int32) {
    var (results, code) = ([R](), Int32(0))
    for name in names {
      do {
        results.append(try body(name))
      } catch {
        guard let failure = Failure(error) else { throw error }
        printError("error: \(failure.sentence)")
        code = max(code, failure.exitCode)
      }
    }
    return (results, code)
  }

  func source(_ name: String) throws -> ManifestSource {
    let known = try names()
    // Two Unicode forms of an accent are the same name to Swift but not to a disk; the folder's own form is the one
    // that opens.
    guard let found = known.first(where: { $0.utf8.elementsEqual(name.utf8) }) ?? known.first(where: { $0 == name })
    else {
      let list = known.isEmpty ? "; this folder holds none" : "; known ones are \(known.joined(separator: ", "))"
      let hint = nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? list
      throw DocumentError(place: .file(experiments), problem: "there is no experiment '\(name)'\(hint)")
    }
    return try ManifestSource(name: found, in: experiments)
  }

  func baseline(of name: String) throws -> Baseline { try Baseline(path: "\(experiments)/\(name)/baseline.json") }

  /// The folder that holds copies of the public data, by the variable OTLAB_DATA_MIRROR.
  var mirror: String? { ProcessInfo.processInfo.environment["OTLAB_DATA_MIRROR"].flatMap { $0.isEmpty ? nil : $0 } }

  /// Creates a planner; `mirror` overrides the variable OTLAB_DATA_MIRROR.
  func planner(mirror: String? = nil, digests: FileDigests? = nil) -> RunPlanner {
    RunPlanner(.registered, dataFolder: data, mirror: mirror ?? self.mirror, digests: digests ?? store.digests) {
      printError("fetching \($0)")
    }
  }

  /// Returns the rows of a manifest with their finished runs.
  ///
  /// - Parameters:
  ///   - manifest: the manifest.
  ///   - explaining: whether to find out what has changed since earlier runs.
  ///   - isSilent: whether missing input files are not reported.
  /// - Returns: The rows.
  /// - Throws: `DocumentError` or `DataError` if the manifest cannot be planned, `StoreError` if results cannot be
  ///   read.
  func rows(_ manifest: Manifest, explaining: Bool = false, isSilent: Bool = false) throws -> FinishedRows {
    let rows = try FinishedRows(
      manifest, planner: planner(), store: store, executableDigest: { executableDigest }, explaining: explaining)
    if !isSilent, !rows.absent.isEmpty {
      let files = rows.absent.count > 1 ? "these files" : "this file"
      printError(
        """
        note: \(rows.absent.joined(separator: ", ")): missing; runs of \(manifest.name) that have read \(files) are \
        still shown
        """
      )
    }
    return rows
  }

  /// Returns the states of an experiment's runs, or throws `StoreError` if results cannot be read.
  func states(of name: String) throws -> RunStates {
    try store.requireReadable(name)
    return RunStates(name, in: store, executableDigest: { executableDigest })
  }
}

/// The variant of an experiment: its tier and the changes of the command line.
struct VariantOptions: ParsableArguments {
  @Option(help: "The tier: smoke (small generated data, seconds) or paper (the paper's sizes, real data).") var tier =
    Tier.smoke
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Change a value in every case, for example --set solver.epsilon=1e-3. Values are YAML.", valueName: "key=value"))
  var overrides: [String] = []
  @Option(
    name: .customLong("sweep"),
    help: ArgumentHelp(
      """
      Make a row of every case for each value, for example --sweep solver.epsilon=1e-3,1e-2 or --sweep \
      'solver.epsilon=log(1e-4, 1e-1, 4)'. Values are \(SweepOption.about).
      """,
      valueName: "key=values"))
  var sweeps: [String] = []

  /// The suffix of a folder's name that keeps figures of changed rows from replacing those of the manifest.
  var folderName: String { tier.pictureFolder(isChanged: !(overrides.isEmpty && sweeps.isEmpty)) }

  func manifest(_ source: ManifestSource) throws -> Manifest {
    try Manifest(
      source, tier: tier, overrides: try overrides.map { try Override($0) },
      sweeps: try sweeps.map { try SweepOption($0) })
  }
}

extension Tier: ExpressibleByArgument {}

/// Refuses an empty name, as from an unset shell variable, which would mean the root of the file system.
func requireText(_ text: String?, of option: String) throws {
  if text?.isEmpty == true { throw ValidationError("\(option) is empty; a name was expected") }
}

import ArgumentParser
import Documents
import Experiments
import Files
import Foundation
import Manifests
import Pipeline
import Reports
import Runs

/// Where manifests, results and data lie; the same for all verbs.
struct WorkspaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of experiments.", valueName: "dir")) var experiments = "experiments"
  @Option(help: ArgumentHelp("The folder of results.", valueName: "dir")) var results = "results"
  @Option(help: ArgumentHelp("The folder of sources.yaml and of the data cache.", valueName: "dir")) var data = "data"

  func validate() throws {
    for (name, folder) in [("experiments", experiments), ("results", results), ("data", data)] { try requireText(folder, of: "--\(name)") }
  }

  var store: RunStore { RunStore(folder: results) }

  /// The names of all experiments, in alphabetical order.
  func names() throws -> [String] {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: experiments) else {
      throw DocumentError(
        place: .file(experiments), problem: "there is no such folder of experiments; go to the package's folder or give --experiments")
    }
    // A manifest that is a link to nothing is not left out, so that who reads it says so.
    return entries.filter { RegularFile.isNamed("\(experiments)/\($0)/manifest.yaml") }.sorted()
  }

  /// What `body` gives for each experiment. One that cannot be read is named, and does not keep the others back: `code` is the worst of their exit
  /// codes, 0 when there is none.
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
    // Two ways of writing an accent are one name to Swift and two to a disk: the folder's own is the one that opens.
    guard let found = known.first(where: { $0.utf8.elementsEqual(name.utf8) }) ?? known.first(where: { $0 == name }) else {
      let list = known.isEmpty ? "; this folder holds none" : "; known ones are \(known.joined(separator: ", "))"
      let hint = nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? list
      throw DocumentError(place: .file(experiments), problem: "there is no experiment '\(name)'\(hint)")
    }
    return try ManifestSource(name: found, in: experiments)
  }

  func baseline(of name: String) throws -> Baseline { try Baseline(path: "\(experiments)/\(name)/baseline.json") }

  /// The folder that holds copies of the public data, by the variable OTLAB_DATA_MIRROR.
  var mirror: String? { ProcessInfo.processInfo.environment["OTLAB_DATA_MIRROR"].flatMap { $0.isEmpty ? nil : $0 } }

  /// - Parameter mirror: overrides the variable OTLAB_DATA_MIRROR.
  func planner(mirror: String? = nil, digests: FileDigests? = nil) -> RunPlanner {
    RunPlanner(.registered, dataFolder: data, mirror: mirror ?? self.mirror, digests: digests ?? store.digests) {
      printError("fetching \($0)")
    }
  }

  /// A manifest's rows with what the store holds of them.
  ///
  /// - Parameters:
  ///   - explaining: says of unfinished runs what has changed against earlier ones.
  ///   - isSilent: does not say which files are not here.
  func rows(_ manifest: Manifest, explaining: Bool = false, isSilent: Bool = false) throws -> FinishedRows {
    let rows = try FinishedRows(
      manifest, planner: planner(), store: store, executableDigest: { executableDigest }, explaining: explaining)
    if !isSilent, !rows.absent.isEmpty {
      printError("note: \(rows.absent.joined(separator: ", ")): not here; what is shown of \(manifest.name) is what runs with it have left")
    }
    return rows
  }

  /// What the store holds of an experiment.
  ///
  /// - Throws: `StoreError` when it holds something that cannot be looked at.
  func states(of name: String) throws -> RunStates {
    try store.requireReadable(name)
    return RunStates(name, in: store, executableDigest: { executableDigest })
  }
}

/// Which variant of an experiment is meant.
struct VariantOptions: ParsableArguments {
  @Option(help: "smoke: small, generated data, seconds. paper: the paper's sizes, real data.") var tier = Tier.smoke
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Changes a value of every case, as in --set solver.epsilon=1e-3. Values are YAML.", valueName: "key=value"))
  var overrides: [String] = []
  @Option(
    name: .customLong("sweep"),
    help: ArgumentHelp(
      """
      Makes every case a row for each value, as in --sweep solver.epsilon=1e-3,1e-2 or --sweep 'solver.epsilon=log(1e-4, 1e-1, 4)'. Values are \
      \(SweepOption.about).
      """,
      valueName: "key=values"))
  var sweeps: [String] = []

  /// The part of a folder's name that keeps pictures of changed rows from taking the place of the manifest's own.
  var folderName: String { tier.pictureFolder(isChanged: !(overrides.isEmpty && sweeps.isEmpty)) }

  func manifest(_ source: ManifestSource) throws -> Manifest {
    try Manifest(source, tier: tier, overrides: try overrides.map { try Override($0) }, sweeps: try sweeps.map { try SweepOption($0) })
  }
}

extension Tier: ExpressibleByArgument {}

/// An empty name, as an unset variable of a shell gives it, would mean the root of all files.
func requireText(_ text: String?, of option: String) throws {
  if text?.isEmpty == true { throw ValidationError("\(option) is empty; a name was expected") }
}

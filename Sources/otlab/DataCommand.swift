import ArgumentParser
import Datasets
import Documents
import Foundation
import LinearAlgebra

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Lists, fetches and verifies the published data; inspects any file.",
    discussion: "Example: otlab data fetch snare scgem",
    subcommands: [ListData.self, FetchData.self, VerifyData.self, InspectData.self])
}

/// The sets that a command is about.
private struct Selection {
  let sets: [SourceCatalogue.DataSet]
  let cache: SourceCache

  init(_ names: [String], in workspace: WorkspaceOptions) throws {
    let catalogue = try SourceCatalogue(path: "\(workspace.data)/sources.yaml")
    cache = SourceCache(folder: "\(workspace.data)/cache")
    if names.isEmpty {
      sets = catalogue.sets
      return
    }
    sets = try names.map { name in
      guard let set = catalogue.sets.first(where: { $0.name == name }) else {
        let known = catalogue.sets.map(\.name)
        let hint = nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? "; it lists \(known.joined(separator: ", "))"
        throw DocumentError(place: .file(catalogue.path), problem: "lists no data set '\(name)'\(hint)")
      }
      return set
    }
  }
}

struct ListData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the data sets: files, bytes, how many are here, licence, title.",
    discussion: "Example: otlab data list")

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let selection = try Selection([], in: workspace)
    for set in selection.sets {
      let here = set.files.count { selection.cache.state(of: $0, computingDigest: false) == .present }
      let derived = set.files.count { if case .url = $0.origin { false } else { true } }
      let note = derived > 0 ? ", \(derived) from a mirror only" : ""
      print(
        "\(set.name): \(set.title); \(set.files.count) files, \(set.bytes) bytes, \(here) here\(note); \(set.files.first?.licence ?? "")")
    }
  }
}

struct FetchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Brings data sets into the cache and verifies them.",
    discussion: "Interrupted downloads are resumed. Example: otlab data fetch snare scgem --mirror /media/data")

  @Argument(help: "The data sets; all when none is given.") var sets: [String] = []
  @OptionGroup var workspace: WorkspaceOptions
  @Option(help: ArgumentHelp("Copies from this folder of SET/PATH instead of the network (default: OTLAB_DATA_MIRROR).", valueName: "dir"))
  var mirror: String?

  func run() throws {
    let selection = try Selection(sets, in: workspace)
    let mirror = workspace.planner(mirror: mirror).mirror
    var worst: Int32 = 0
    for file in selection.sets.flatMap(\.files) {
      do {
        let brought = try selection.cache.fetch(file, mirror: mirror)
        print("\(file.name): \(brought ? "fetched" : "already here"), verified")
      } catch {
        // The others are brought all the same.
        guard let failure = Failure(error) else { throw error }
        printError("error: \(failure.sentence)")
        worst = max(worst, failure.exitCode)
      }
    }
    if worst != 0 { throw ExitCode(worst) }
  }
}

struct VerifyData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compares what is in the cache with the catalogued digests.",
    discussion: "Example: otlab data verify snare")

  @Argument(help: "The data sets; all when none is given.") var sets: [String] = []
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let selection = try Selection(sets, in: workspace)
    var counts = (verified: 0, absent: 0, differing: 0)
    for file in selection.sets.flatMap(\.files) {
      switch selection.cache.state(of: file, computingDigest: true) {
      case .verified, .present: counts.verified += 1
      case .absent: counts.absent += 1
      case .differs(let found):
        counts.differing += 1
        printError("error: \(selection.cache.path(of: file)): is not the catalogued file: it has \(found)")
      }
    }
    print("\(counts.verified) verified, \(counts.absent) not here, \(counts.differing) differing")
    if counts.differing > 0 { throw ExitCode(Exit.unreadable) }
  }
}

struct InspectData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Reads files of numbers or meshes as experiments would and says what is in them.",
    discussion: """
      Formats: HDF5 (also h5ad, h5mu and loom), NPZ, NPY, CSV and text, IDX (also gzip), PNG, OFF, PLY. Of a file of several arrays it lists all by \
      name, shape and kind. What was taken for granted, as a line for a header, is noted. Example: otlab data inspect cells.h5ad --dataset obs/cell_type
      """)

  @Argument(help: "The files.", completion: .file()) var files: [String]
  @Option(help: "Which array of an HDF5 or NPZ file.") var dataset: String?

  func run() throws {
    let notes = printedNotes()
    var code: Int32 = 0
    for file in files {
      do {
        print("\(file): \(try content(of: file, notes))")
      } catch {
        guard let failure = Failure(error) else { throw error }
        printError("error: \(failure.sentence)")
        if code == 0 { code = failure.exitCode }
      }
    }
    if code != 0 { throw ExitCode(code) }
  }

  private func content(of file: String, _ notes: Notes) throws -> String {
    let ending = file.split(separator: ".").last?.lowercased()
    if ending == "off" || ending == "ply" {
      let mesh = try Mesh(file: file, notes: notes)
      return "a mesh of \(mesh.vertices.rows) vertices and \(mesh.triangles.count) triangles"
    }
    let arrays = ArrayFile(file)
    if dataset == nil, arrays.isContainer {
      let contents = try arrays.contents(notes)
      // The one array that is meant without a name is read, and its numbers are told.
      let own = contents.count == 1 ? contents[0].name : contents.first { $0.name == "X" && arrays.isAnnData }?.name
      let lines = contents.map { "\n  \($0.name): \($0.about)" }.joined()
      guard let own else { return "\(contents.count) arrays\(lines)" }
      return try numbers(of: arrays.read(own, notes)) + (contents.count == 1 ? "" : "; \(contents.count) arrays\(lines)")
    }
    let numbers = try numbers(of: arrays.read(dataset, notes))
    guard let dataset, let names = try arrays.categories(dataset) else { return numbers }
    return "\(numbers); codes from 0 of \(names.joined(separator: ", "))"
  }

  private func numbers(of array: NumericArray) -> String {
    var (low, high, others) = (Double.infinity, -Double.infinity, 0)
    for value in array.elements {
      if value.isFinite { (low, high) = (min(low, value), max(high, value)) } else { others += 1 }
    }
    return "\(array.shapeText) numbers, \(low <= high ? "from \(low) to \(high)" : "none finite"), \(others) not finite"
  }
}

import ArgumentParser
import Datasets
import Documents
import Foundation
import LinearAlgebra

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Lists, downloads, and verifies published data, and inspects any data file.",
    discussion: "Example: otlab data fetch snare scgem",
    subcommands: [ListData.self, FetchData.self, VerifyData.self, InspectData.self])
}

/// The data sets that a command is about.
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
        let hint =
          nearest(to: name, among: known).map { "; did you mean '\($0)'?" }
          ?? "; it lists \(known.joined(separator: ", "))"
        throw DocumentError(place: .file(catalogue.path), problem: "lists no data set '\(name)'\(hint)")
      }
      return set
    }
  }
}

struct ListData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the data sets with their files, sizes, local copies, and licenses.",
    discussion: "Example: otlab data list")

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let selection = try Selection([], in: workspace)
    for set in selection.sets {
      let here = set.files.count { selection.cache.state(of: $0, computingDigest: false) == .present }
      let derived = set.files.count { if case .url = $0.origin { false } else { true } }
      let note = derived > 0 ? ", \(derived) only from a mirror" : ""
      print(
        """
        \(set.name): \(set.title); \(set.files.count) files, \(set.bytes) bytes, \(here) local\(note); \
        \(set.files.first?.license ?? "")
        """
      )
    }
  }
}

struct FetchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Downloads data sets into the cache and verifies them.",
    discussion: "Interrupted downloads are resumed. Example: otlab data fetch snare scgem --mirror /media/data")

  @Argument(help: "The data sets; all by default.") var sets: [String] = []
  @OptionGroup var workspace: WorkspaceOptions
  @Option(
    help: ArgumentHelp(
      "Copy from this folder of SET/PATH instead of using the network (default: OTLAB_DATA_MIRROR).", valueName: "dir"))
  var mirror: String?

  func run() throws {
    let selection = try Selection(sets, in: workspace)
    let mirror = workspace.planner(mirror: mirror).mirror
    var worst: Int32 = 0
    for file in selection.sets.flatMap(\.files) {
      do {
        let brought = try selection.cache.fetch(file, mirror: mirror)
        print("\(file.name): \(brought ? "fetched" : "already local"), verified")
      } catch {
        // A failure does not keep the other files from being fetched.
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
    commandName: "verify", abstract: "Compares the files in the cache with the digests in the catalogue.",
    discussion: "Example: otlab data verify snare")

  @Argument(help: "The data sets; all by default.") var sets: [String] = []
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
        printError("error: \(selection.cache.path(of: file)): is not the catalogued file: found \(found)")
      }
    }
    print("\(counts.verified) verified, \(counts.absent) not local, \(counts.differing) different")
    if counts.differing > 0 { throw ExitCode(Exit.unreadable) }
  }
}

struct InspectData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Reads files of numbers or meshes as experiments do, and describes their content.",
    discussion: """
      Formats: HDF5 (also h5ad, h5mu, and loom), NPZ, NPY, CSV and text, IDX (also gzip), PNG, OFF, PLY. If a file \
      holds several arrays, all are listed with shape and type. Assumptions, such as a line taken as a header, are \
      shown as notes. Example: otlab data inspect cells.h5ad --dataset obs/cell_type
      """)

  @Argument(help: "The files.", completion: .file()) var files: [String]
  @Option(help: "The array of an HDF5 or NPZ file.") var dataset: String?

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
      // The default array is read, and its numbers are described.
      let own = contents.count == 1 ? contents[0].name : contents.first { $0.name == "X" && arrays.isAnnData }?.name
      let lines = contents.map { "\n  \($0.name): \($0.about)" }.joined()
      guard let own else { return "\(contents.count) arrays\(lines)" }
      return try numbers(of: arrays.read(own, notes))
        + (contents.count == 1 ? "" : "; \(contents.count) arrays\(lines)")
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

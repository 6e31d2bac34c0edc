import ArgumentParser
import Foundation
import Manifests
import Runs
import Site

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes a static web site of the experiments: tables, figures, verdicts, provenance.",
    discussion: """
      Shows what is finished and runs nothing; the pages need no network and no server. Example: otlab report --tier paper -o report, then \
      open report/index.html
      """)

  @Argument(help: "The experiments; all by default.", completion: .experiments) var names: [String] = []
  @OptionGroup var workspace: WorkspaceOptions
  @Option(help: "smoke: small, generated data, seconds. paper: the paper's sizes, real data.") var tier = Tier.smoke
  @Option(name: .shortAndLong, help: ArgumentHelp("Where the site goes; RESULTS/report by default.", valueName: "dir"))
  var output: String?

  func validate() throws { try requireText(output, of: "--output") }

  func run() throws {
    let known = try workspace.names()
    let names = names.isEmpty ? known : names
    let folder = ReportFolder(output ?? "\(workspace.results)/report")
    for name in names where !known.contains(name) { _ = try workspace.source(name) }
    var code: Int32 = 0
    try folder.replace { building in
      let pages: [ExperimentPage]
      (pages, code) = try workspace.each(names) { name in
        let source = try workspace.source(name)
        let rows = try FinishedRows(try Manifest(source, tier: tier), in: workspace)
        try rows.requireWhole()
        return try ReportPage(rows, baseline: try workspace.baseline(of: source.name), in: workspace, building: building).page
      }
      let commit = Checkout.commit(of: workspace.experiments).map { " at commit \($0.prefix(12))" } ?? ""
      let date = Date().formatted(.iso8601.year().month().day())
      try Site(
        pages: pages,
        preface:
          "The \(tier.rawValue) tier of the experiments\(commit), as finished by \(date). Each page shows what an experiment reproduces, what it "
          + "gave beside the published numbers, and how to run it again."
      ).write(into: building)
    }
    print("\(folder.path)/index.html")
    if code != 0 { throw ExitCode(code) }
  }
}

/// The folder of a report, exchanged as a whole: a reader finds the old one or the new one, and never a half.
struct ReportFolder {
  let path: String
  /// The file that says that a folder is a report, and may be replaced: it names what the report has put there.
  private static let mark = ".otlab-report"

  init(_ path: String) { self.path = path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// Takes away what reports of killed processes have left beside this one.
  private func removeLeftovers() {
    let place = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: place.isEmpty ? "." : place)) ?? [] {
      for mark in [".new-", ".old-"] where entry.hasPrefix(name + mark) {
        guard let process = pid_t(entry.dropFirst(name.count + mark.count)), kill(process, 0) != 0, errno == ESRCH else { continue }
        try? FileManager.default.removeItem(atPath: place.isEmpty ? entry : "\(place)/\(entry)")
      }
    }
  }

  func replace(by make: (String) throws -> Void) throws {
    let files = FileManager.default
    if files.fileExists(atPath: path) {
      let own = try? String(contentsOfFile: "\(path)/\(Self.mark)", encoding: .utf8).split(separator: "\n").map(String.init)
      let found = (try? files.contentsOfDirectory(atPath: path)) ?? [path]
      // Those that earlier builds made name nothing; what must not be lost is runs.
      let isForeign = { (name: String) in own?.isEmpty == true ? ["runs", ".staging"].contains(name) : own?.contains(name) != true }
      if let other = found.filter({ $0 != Self.mark && isForeign($0) }).min() {
        throw StoreError.unwritable(
          path: path, reason: "it holds something else than a report ('\(other)'); give another folder by --output")
      }
    }
    removeLeftovers()
    let (building, old) = ("\(path).new-\(getpid())", "\(path).old-\(getpid())")
    defer { for left in [building, old] { try? files.removeItem(atPath: left) } }
    do {
      try files.createDirectory(atPath: building, withIntermediateDirectories: true)
      try make(building)
      let made = try files.contentsOfDirectory(atPath: building).sorted().joined(separator: "\n")
      try Data(made.utf8).write(to: URL(fileURLWithPath: "\(building)/\(Self.mark)"))
      if files.fileExists(atPath: path) { try files.moveItem(atPath: path, toPath: old) }
      try files.moveItem(atPath: building, toPath: path)
    } catch let error where Failure(error) == nil {
      throw StoreError.unwritable(path: path, reason: "no permission, or the disk is full")
    }
  }
}

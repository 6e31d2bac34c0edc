import ArgumentParser
import Files
import Foundation
import Manifests
import Reports
import Runs

struct TableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Prints the tables of experiments from finished runs, or writes them to a folder.",
    discussion: """
      With --output, each table is written as Markdown, LaTeX, CSV, and JSON to DIR/NAME/TABLE.TIER.…, but only if all \
      of its runs are finished. Example: otlab table foscttm-alignment --tier paper --format markdown
      """)

  @Argument(help: "The experiments.", completion: .experiments) var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Option(help: "The format: text, markdown, latex, csv, or json.") var format: TableFormat?
  @Option(name: .shortAndLong, help: ArgumentHelp("Write files to this folder instead of printing.", valueName: "dir"))
  var output: String?

  func validate() throws { try requireText(output, of: "--output") }

  func run() throws {
    var (isIncomplete, isUnsaid) = (false, false)
    var printed: [Table] = []
    for name in names {
      let manifest = try variant.manifest(try workspace.source(name))
      let rows = try workspace.rows(manifest)
      let tables = try rows.read().tables
      guard let output else {
        printed += tables
        if !rows.missing.isEmpty { printError("\(name): \(rows.missingSentence)") }
        continue
      }
      if !rows.missing.isEmpty {
        printError("error: the tables of \(name) are not written: \(rows.missingSentence)")
        isIncomplete = true
        continue
      }
      for table in tables {
        if try !write(table, of: manifest, to: output) { isUnsaid = true }
      }
    }
    if output == nil { print(try (format ?? .text).render(printed), terminator: "") }
    if isIncomplete { throw ExitCode(3) }
    if isUnsaid { throw ExitCode(Exit.invalid) }
  }

  /// Writes a table in all formats or in none, so that its files agree; returns whether all formats could show it.
  private func write(_ table: Table, of manifest: Manifest, to output: String) throws -> Bool {
    let folder = "\(output)/\(manifest.name)"
    var files: [(path: String, text: String)] = []
    do {
      for format in format.map({ [$0] }) ?? [.markdown, .latex, .csv, .json] {
        let path = "\(folder)/\(table.name.asFileName()).\(manifest.tier.rawValue).\(format.fileEnding)"
        files.append((path, try format.render(table)))
      }
    } catch {
      printError("error: \(manifest.name): \(error)")
      return false
    }
    for (path, text) in files {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
      } catch {
        throw StoreError.unwritable(
          path: path, reason: "no permission, the disk is full, or a file has the name of a folder")
      }
      print(path)
    }
    return true
  }
}

extension TableFormat: ExpressibleByArgument {}

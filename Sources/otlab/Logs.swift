import ArgumentParser
import Files
import Foundation
import Runs

struct Logs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the log of a finished, failed, or running run.",
    discussion: "Example: otlab logs 82b23503 --follow")

  @Argument(help: "The run, given by the first digits of its key.") var runName: String
  @OptionGroup var workspace: WorkspaceOptions
  @Flag(name: .shortAndLong, help: "Follow the log until the run ends.") var follow = false

  func run() throws {
    switch try workspace.store.find(runName) {
    case .finished(let directory): try copy("\(directory)/log.txt")
    case .failed(let log): try copy(log)
    case .atWork(let log): try show(log)
    }
  }

  /// Prints the log of a run in progress; the run has ended when its log has moved, and was abandoned when no process
  /// works on it.
  private func show(_ log: String) throws {
    guard let file = FileHandle(forReadingAtPath: log) else { return try copy(log) }
    var isLeft = false
    repeat {
      // Ask before reading the log, so that nothing written before the answer is missed.
      isLeft = follow && !workspace.store.isAtWork(log: log)
      try write((try? file.readToEnd()) ?? Data())
      if follow, !isLeft { usleep(200_000) }
    } while follow && !isLeft && FileManager.default.fileExists(atPath: log)
    try write((try? file.readToEnd()) ?? Data())
    if isLeft, FileManager.default.fileExists(atPath: log) {
      printError(
        "error: the run '\(runName)' is unfinished, because the command that ran it was ended; 'otlab run' repeats it")
      throw ExitCode(Exit.failed)
    }
  }

  private func copy(_ path: String) throws {
    guard let data = RegularFile.contents(of: path) else {
      throw StoreError.unreadable(path: path, reason: "there is no log")
    }
    try write(data)
  }

  private func write(_ data: Data) throws { try writeOutput(Data(shown(String(decoding: data, as: UTF8.self)).utf8)) }
}

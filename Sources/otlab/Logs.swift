import ArgumentParser
import Files
import Foundation
import Runs

struct Logs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the log of a run: finished, failed or at work.", discussion: "Example: otlab logs 82b23503 --follow")

  @Argument(help: "The run, by the first digits of its key.") var runName: String
  @OptionGroup var workspace: WorkspaceOptions
  @Flag(name: .shortAndLong, help: "Goes on until the run at work has ended.") var follow = false

  func run() throws {
    switch try workspace.store.find(runName) {
    case .finished(let directory): try copy("\(directory)/log.txt")
    case .failed(let log): try copy(log)
    case .atWork(let log): try show(log)
    }
  }

  /// The log of a run at work; it is done when its log has moved away, and left when nobody works on it though its log is there.
  private func show(_ log: String) throws {
    guard let file = FileHandle(forReadingAtPath: log) else { return try copy(log) }
    var isLeft = false
    repeat {
      // Asked before the log is read, so that nothing is missed that was written before the answer.
      isLeft = follow && !workspace.store.isAtWork(log: log)
      try write((try? file.readToEnd()) ?? Data())
      if follow, !isLeft { usleep(200_000) }
    } while follow && !isLeft && FileManager.default.fileExists(atPath: log)
    try write((try? file.readToEnd()) ?? Data())
    if isLeft, FileManager.default.fileExists(atPath: log) {
      printError("error: the run '\(runName)' was left unfinished, since the command that made it was ended; 'otlab run' makes it anew")
      throw ExitCode(Exit.failed)
    }
  }

  private func copy(_ path: String) throws {
    guard let data = RegularFile.contents(of: path) else {
      throw StoreError.unreadable(path: path, reason: "there is no log here")
    }
    try write(data)
  }

  private func write(_ data: Data) throws { try writeOutput(Data(shown(String(decoding: data, as: UTF8.self)).utf8)) }
}

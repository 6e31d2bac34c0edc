import ArgumentParser
import Documents
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
    case .atWork(let log):
      guard let file = FileHandle(forReadingAtPath: log) else { return try copy(log) }
      repeat {
        let data = (try? file.readToEnd()) ?? Data()
        try writeOutput(data)
        if follow { usleep(200_000) }
      } while follow && FileManager.default.fileExists(atPath: log)
      try writeOutput((try? file.readToEnd()) ?? Data())
    }
  }

  private func copy(_ path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StoreError.unreadable(path: path, reason: "there is no log here")
    }
    try writeOutput(data)
  }
}

import Documents
import Files
import Foundation

extension RunStore {
  /// The run that a user's text refers to.
  public enum Found: Sendable {
    /// A finished run.
    case finished(directory: String)
    /// A run that failed, with its log.
    case failed(log: String)
    /// A run in progress, with its log.
    case atWork(log: String)
  }

  /// Returns whether a text could refer to a run rather than an experiment.
  public static func looksLikeRun(_ text: String) -> Bool {
    let key = text.split(separator: "/").last ?? ""
    return text.contains("/") || (4...12).contains(key.count) && key.allSatisfy(\.isHexDigit)
  }

  /// Finds a run by its key or at least four digits of it, by `NAME/KEY`, or by its folder.
  ///
  /// - Parameter text: the user's text.
  /// - Returns: The run.
  /// - Throws: `StoreError.noSuchRun` if no run or several runs match.
  public func find(_ text: String) throws(StoreError) -> Found {
    if text.contains("/"), FileManager.default.fileExists(atPath: "\(text)/run.json") {
      return .finished(directory: text)
    }
    let parts = text.split(separator: "/").map(String.init)
    let key = (parts.last ?? "").lowercased()
    guard key.count >= 4, key.allSatisfy(\.isHexDigit) else {
      throw .noSuchRun(
        """
        '\(text)' is not a run; at least four hexadecimal digits of its key were expected, as 'otlab status' shows them
        """
      )
    }
    let names = parts.count > 1 ? [parts[parts.count - 2]] : try names()
    for name in names { try requireReadable(name) }
    let runs = names.flatMap { name in keys(of: name).filter { $0.hasPrefix(key) }.map { "\(name)/runs/\($0)" } }
    if runs.count > 1 {
      let shown = runs.prefix(4).map { $0.replacing("/runs/", with: "/") }.joined(separator: ", ")
      throw .noSuchRun(
        "'\(text)' matches \(runs.count) runs: \(shown)\(runs.count > 4 ? ", …" : ""); give more of the key")
    }
    if let run = runs.first { return .finished(directory: "\(folder)/\(run)") }
    if let staged = staged().atWork.first(where: { Self.key(ofStaged: $0).hasPrefix(key) }) {
      return .atWork(log: "\(staged)/log.txt")
    }
    for name in names {
      if let log = Self.entries("\(folder)/\(name)/failed").first(where: { $0.hasPrefix(key) }) {
        return .failed(log: "\(folder)/\(name)/failed/\(log)")
      }
    }
    throw .noSuchRun("\(folder): there is no run '\(text)'; 'otlab status' lists them")
  }

  /// Returns whether a process is still working on the run that writes this log.
  public func isAtWork(log: String) -> Bool {
    let staged = ((log as NSString).deletingLastPathComponent as NSString).lastPathComponent
    return FileLock.isHeld(path: lockPath(staged.prefix(12)))
  }

  /// Returns the finished run that a user's text refers to.
  ///
  /// - Parameter text: the user's text.
  /// - Returns: The run.
  /// - Throws: `StoreError` if there is no such finished run, `DocumentError` if it is damaged.
  public func run(named text: String) throws -> FinishedRun {
    switch try find(text) {
    case .finished(let directory): return try FinishedRun(directory: directory)
    case .failed(let log):
      throw StoreError.noSuchRun("the run '\(text)' has failed and left no result; its log is \(log)")
    case .atWork:
      throw StoreError.noSuchRun("the run '\(text)' is still running; 'otlab logs \(text)' shows its progress")
    }
  }
}

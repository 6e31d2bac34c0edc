import Documents
import Foundation

extension RunStore {
  /// What can be removed, with its size.
  public struct Leftover: Sendable {
    public let path: String
    public let bytes: Int
  }

  /// What ended attempts have left: staging directories that nobody works in, and logs of failed runs.
  ///
  /// - Parameter experiment: only its logs; nil is all.
  public func leftovers(of experiment: String? = nil) -> [Leftover] {
    removeAbandonedLocks()
    var paths = staged().left.map { "\(stagingFolder)/\($0)" }
    for name in experiment.map({ [$0] }) ?? Self.entries(folder) {
      paths += Self.entries("\(folder)/\(name)/failed").map { "\(folder)/\(name)/failed/\($0)" }
    }
    return paths.map(Self.leftover)
  }

  /// The files of locks whose holders were killed: taking a lock that nobody holds, and letting it go, removes its file.
  func removeAbandonedLocks() {
    for entry in Self.entries(stagingFolder) where entry.hasSuffix(".lock") { _ = try? FileLock.attempt(path: "\(stagingFolder)/\(entry)") }
  }

  /// A finished run as something to be removed.
  public func leftover(_ key: String, of experiment: String) -> Leftover { Self.leftover("\(folder)/\(experiment)/runs/\(key)") }

  private static func leftover(_ path: String) -> Leftover {
    let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }.map { "\(path)/\($0)" } ?? []
    let bytes = ([path] + files).reduce(0) { total, file in
      var status = stat()
      return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? total + Int(status.st_size) : total
    }
    return Leftover(path: path, bytes: bytes)
  }

  public func remove(_ leftover: Leftover) throws(StoreError) {
    do {
      try FileManager.default.removeItem(atPath: leftover.path)
    } catch {
      throw .unwritable(path: leftover.path, reason: "it cannot be removed")
    }
  }
}

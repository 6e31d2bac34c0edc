import Documents
import Foundation

/// A finished run to be carried out again, in a store of its own beside the one that holds its record.
public struct Repetition {
  public let store: RunStore
  public let request: RunRequest
  private let lock: FileLock

  /// - Throws: `StoreError` when an input is no longer what the record says or somebody is at work on the run; `DocumentError` when the
  ///   record is damaged.
  public init(of record: RunRecord, in store: RunStore) throws {
    request = try record.request()
    for input in request.inputs where store.digests.digest(of: input.path) != input.sha256 {
      throw StoreError.unreadable(
        path: input.path,
        reason: "the run read '\(input.role)' here with the SHA-256 \(input.sha256.prefix(12))…, and it is missing or has changed")
    }
    guard let lock = try store.lock(request) else {
      throw StoreError.noSuchRun("another process is at work on the run \(request.key)")
    }
    self.lock = lock
    self.store = RunStore(folder: try store.stage(request))
  }

  /// Removes all that the repetition has made.
  public func remove() {
    withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: store.folder) }
  }
}

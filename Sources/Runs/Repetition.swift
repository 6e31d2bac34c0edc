import Documents
import Files
import Foundation

/// A finished run to be carried out again, in a store of its own beside the one that holds its record.
public struct Repetition {
  public let store: RunStore
  public let request: RunRequest
  private let lock: FileLock

  /// - Throws: `StoreError` when an input is no longer what the record says or somebody is at work on the run; `DocumentError` when the
  ///   record was changed.
  public init(of run: FinishedRun, in store: RunStore) throws {
    var request = try run.request()
    for (index, input) in request.inputs.enumerated() {
      let places = run.places(of: input, in: store)
      guard let place = places.first(where: { store.digests.digest(of: $0) == input.sha256 }) else {
        throw StoreError.unreadable(
          path: places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0],
          reason: "the run read '\(input.role)' here with the SHA-256 \(input.sha256.prefix(12))…, and it is missing or has changed")
      }
      request.inputs[index].path = place
    }
    self.request = request
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

import Documents
import Files
import Foundation

/// A finished run that is carried out again in a temporary store beside its own.
public struct Repetition {
  /// The temporary store that receives the repeated run.
  public let store: RunStore
  /// The request to carry out.
  public let request: RunRequest
  private let lock: FileLock

  /// Prepares the repetition of a run.
  ///
  /// - Parameters:
  ///   - run: the finished run.
  ///   - store: the store of the run.
  /// - Throws: `StoreError` if an input differs from the record or another process works on the run, `DocumentError`
  ///   if the record was edited.
  public init(of run: FinishedRun, in store: RunStore) throws {
    var request = try run.request()
    for (index, input) in request.inputs.enumerated() {
      let places = run.places(of: input, in: store)
      guard let place = places.first(where: { store.digests.digest(of: $0) == input.sha256 }) else {
        throw StoreError.unreadable(
          path: places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0],
          reason:
            """
            the run read '\(input.role)' from here with SHA-256 \(input.sha256.prefix(12))…, and the file is missing \
            or has changed
            """
        )
      }
      request.inputs[index].path = place
    }
    self.request = request
    guard let lock = try store.lock(request) else {
      throw StoreError.noSuchRun("another process is running \(request.key)")
    }
    self.lock = lock
    self.store = RunStore(folder: try store.stage(request))
  }

  /// Deletes the temporary store with everything in it.
  public func remove() {
    withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: store.folder) }
  }
}

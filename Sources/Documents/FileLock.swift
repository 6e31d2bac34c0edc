import Foundation

/// An exclusive lock between processes, by `flock` on a file; the system lets it go when the value or the process ends, however that happens.
public final class FileLock {
  /// The lock's file cannot be opened or locked, for the system's reason.
  public struct Failure: Error { public let reason: String }

  private let descriptor: Int32

  /// Waits until nobody else holds the lock.
  ///
  /// - Parameter onWait: called once if there is someone to wait for.
  public init(path: String, onWait: () -> Void = {}) throws(Failure) {
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    onWait()
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Failure(reason: String(cString: strerror(errno))) }
    }
  }

  deinit { close(descriptor) }
}

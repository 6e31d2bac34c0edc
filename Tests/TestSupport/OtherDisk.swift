import Foundation

/// A folder on another file system than temporary folders; it is removed with the value.
public final class OtherDisk: Sendable {
  /// The path of the folder.
  public let path = "/dev/shm/otlab-test-" + UUID().uuidString

  /// Whether shared memory, which is a file system of its own, is available.
  public static var isThere: Bool {
    var (here, there) = (stat(), stat())
    return stat(NSTemporaryDirectory(), &here) == 0 && stat("/dev/shm", &there) == 0 && here.st_dev != there.st_dev
      && access("/dev/shm", W_OK) == 0
  }

  /// Creates the folder.
  public init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

import Foundation

/// What changes when the content of a file does: device, inode, size, modification time, and status-change time.
///
/// Programs can set the modification time but not the status-change time, so that a copy with the same size and
/// modification time is noticed.
public struct FileStamp: Equatable, Sendable {
  /// The later of the two times, in seconds since 1970.
  let changed: Int
  let text: String

  /// Reads the stamp of a file, or returns nil if there is no such file.
  public init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    #if os(Linux)
      let (written, touched) = (status.st_mtim, status.st_ctim)
    #else
      let (written, touched) = (status.st_mtimespec, status.st_ctimespec)
    #endif
    changed = touched.tv_sec
    let times = "\(written.tv_sec).\(written.tv_nsec)/\(touched.tv_sec).\(touched.tv_nsec)"
    text = "\(status.st_dev)/\(status.st_ino)/\(status.st_size)/\(times)"
  }

  /// Returns whether the file last changed more than this number of seconds ago.
  func isOlder(than seconds: Double) -> Bool { Date().timeIntervalSince1970 - Double(changed) > seconds }
}

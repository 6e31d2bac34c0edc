import Foundation

/// What changes when a file's content does: device, inode, size, the time of its last change and that of its last change of any kind. The last one
/// is the system's own, which no program sets, so that a copy that keeps another file's size and time is seen.
public struct FileStamp: Equatable, Sendable {
  /// In seconds since 1970.
  let changed: Int
  let text: String

  /// Nil when there is no such file.
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
    text =
      "\(status.st_dev)/\(status.st_ino)/\(status.st_size)/\(written.tv_sec).\(written.tv_nsec)/\(touched.tv_sec).\(touched.tv_nsec)"
  }

  /// Whether the file changed longer ago than so many seconds.
  func isOlder(than seconds: Double) -> Bool { Date().timeIntervalSince1970 - Double(changed) > seconds }
}

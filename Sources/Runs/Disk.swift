import Foundation

/// Writes files and folders, with the system's reason in the error.
public enum Disk {
  /// Writes a text file, or throws `StoreError` with the system's reason.
  public static func write(_ text: String, to path: String) throws(StoreError) {
    let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: reason(errno)) }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw .unwritable(path: path, reason: reason(errno))
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Creates a folder and all folders above it.
  public static func createFolder(_ path: String) throws(StoreError) {
    if mkdir(path, 0o777) == 0 || isFolder(path) { return }
    let parent = (path as NSString).deletingLastPathComponent
    guard errno == ENOENT, !parent.isEmpty, parent != path else {
      throw .unwritable(path: path, reason: obstacle(to: path) ?? reason(errno))
    }
    try createFolder(parent)
    guard mkdir(path, 0o777) == 0 || isFolder(path) else { throw .unwritable(path: path, reason: reason(errno)) }
  }

  /// Returns whether this many more files can be opened.
  static func canOpen(_ count: Int) -> Bool {
    let descriptors = (0..<count).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
    for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
    return descriptors.allSatisfy { $0 >= 0 }
  }

  /// The meaning of a system error in plain words.
  public static func reason(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "the disk is full"
    case EACCES, EPERM: "no permission"
    case EMFILE, ENFILE: "too many files are open (ulimit -n)"
    default: String(cString: strerror(code))
    }
  }

  /// Returns the visible names in a folder in alphabetical order; none if the folder does not exist.
  ///
  /// - Parameter folder: the folder.
  /// - Returns: The names that do not begin with a point.
  /// - Throws: `StoreError.unreadable` if the folder exists but cannot be read, since it may hold results.
  static func names(in folder: String) throws(StoreError) -> [String] {
    guard let stream = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw .unreadable(
        path: folder, reason: errno == ENOTDIR ? "it is a file, but a folder was expected" : reason(errno))
    }
    closedir(stream)
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    let code = errno
    defer { errno = code }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns the part of a path that is a file where a folder is needed.
  private static func obstacle(to path: String) -> String? {
    var part = path
    while !part.isEmpty, part != "/" {
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: part, isDirectory: &isDirectory) {
        return isDirectory.boolValue ? nil : "\(part) is a file, but a folder was expected"
      }
      part = (part as NSString).deletingLastPathComponent
    }
    return nil
  }
}

import Foundation

/// Reads regular files only.
///
/// Opening or reading a pipe, a device, or a socket might block forever, so these are refused.
public enum RegularFile {
  /// Returns why a path cannot be read, as the second half of a sentence; nil if there is a regular file.
  public static func obstacle(to path: String) -> String? {
    var status = stat()
    if stat(path, &status) == 0 { return obstacle(status) }
    let code = errno
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
      if code == ENOENT { return "is a link to '\(target)', where there is no file" }
      if code == ELOOP { return "is a link that leads back to itself" }
    }
    return code == ENOENT ? "there is no such file" : "cannot be read (\(reason(code)))"
  }

  /// Returns whether something has this name, even a link that leads nowhere.
  public static func isNamed(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Returns the content of a file; nil if it cannot be read.
  public static func contents(of path: String) -> Data? {
    guard let file = open(path) else { return nil }
    defer { try? file.close() }
    do { return try file.readToEnd() ?? Data() } catch { return nil }
  }

  /// Returns the bytes of a file without an intermediate copy; nil if it cannot be read.
  public static func bytes(of path: String) -> [UInt8]? {
    guard let file = open(path) else { return nil }
    defer { try? file.close() }
    var status = stat()
    guard fstat(file.fileDescriptor, &status) == 0 else { return nil }
    var isWhole = true
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      while isWhole, count < buffer.count, let start = buffer.baseAddress {
        let more = read(file.fileDescriptor, start + count, min(buffer.count - count, 1 << 30))
        if more > 0 { count += more } else if more == 0 { break } else { isWhole = errno == EINTR }
      }
    }
    return isWhole ? bytes : nil
  }

  /// Returns the size of a file in bytes; 0 if there is none.
  public static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Opens a file for reading; nil if that is not possible.
  static func open(_ path: String) -> FileHandle? {
    // Do not wait for a writer to open a pipe.
    let descriptor = Foundation.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, obstacle(status) == nil else {
      close(descriptor)
      return nil
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static func obstacle(_ status: stat) -> String? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "is a folder, but a file was expected"
    case S_IFIFO: "is a pipe, but a file was expected; save its output to a file first"
    case S_IFSOCK: "is a socket, but a file was expected"
    default: "is a device, but a file was expected"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

import Foundation

/// SHA-256 digests of files, remembered as long as a file keeps its size, time of change and inode, so that large inputs and the binary
/// itself are not read anew by every command.
///
/// A file that changed within the last two seconds is never remembered, since a second change could leave its time as it is.
public final class FileDigests: @unchecked Sendable {
  private let path: String?
  private let lock = NSLock()
  private var known: [String: Value]

  /// - Parameter path: where digests are remembered between commands; nil remembers them in this process alone. A file that cannot be
  ///   read or written there only costs time.
  public init(path: String? = nil) {
    self.path = path
    known = path.flatMap { try? Value(jsonFile: $0).object } ?? [:]
  }

  /// In lower-case hexadecimal; nil when the file cannot be read.
  public func digest(of file: String) -> String? {
    guard let stamp = Self.stamp(of: file) else { return nil }
    let name = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    if let entry = lock.withLock({ known[name] }), entry["stamp"]?.string == stamp.text, let digest = entry["sha256"]?.string {
      return digest
    }
    guard let digest = SHA256.hex(ofFile: file) else { return nil }
    if Date().timeIntervalSince1970 - stamp.changed > 2 {
      lock.withLock {
        known[name] = ["stamp": .string(stamp.text), "sha256": .string(digest)]
        if let path { try? Value.object(known).json().write(toFile: path, atomically: true, encoding: .utf8) }
      }
    }
    return digest
  }

  private static func stamp(of file: String) -> (text: String, changed: Double)? {
    var status = stat()
    guard stat(file, &status) == 0 else { return nil }
    #if os(Linux)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return ("\(status.st_ino)/\(status.st_size)/\(time.tv_sec).\(time.tv_nsec)", Double(time.tv_sec))
  }
}

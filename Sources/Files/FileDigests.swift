import Documents
import Foundation

/// SHA-256 digests of files that are remembered until a file's stamp changes.
///
/// The memory spares every command from reading large inputs, and the program itself, again. A file that changed
/// within the last few seconds is not remembered, because another change might leave its time stamp the same.
public final class FileDigests: @unchecked Sendable {
  private let path: String?
  private let settling: Double
  private let lock = NSLock()
  private var known: [String: Value]

  /// Creates a memory of digests.
  ///
  /// - Parameters:
  ///   - path: the file that keeps digests between commands; nil keeps them in this process only. If the file cannot
  ///     be read or written, digests are computed again.
  ///   - settling: the age in seconds from which a file's time stamp is trusted; some file systems count in steps of
  ///     two seconds.
  public init(path: String? = nil, settling: Double = 3) {
    self.path = path
    self.settling = settling
    known = Self.remembered(at: path)
  }

  private static func remembered(at path: String?) -> [String: Value] {
    path.flatMap { try? Value(jsonFile: $0).object } ?? [:]
  }

  /// Returns the digest of a file.
  ///
  /// - Parameters:
  ///   - file: the path of the file.
  ///   - name: the name under which the digest is remembered; the absolute path by default.
  /// - Returns: The digest in lowercase hexadecimal; nil if the file cannot be read.
  public func digest(of file: String, rememberedAs name: String? = nil) -> String? {
    look(at: file, rememberedAs: name)?.digest
  }

  /// Returns the digest together with the stamp of the file that was read; nil if it cannot be read or keeps
  /// changing.
  public func look(at file: String, rememberedAs name: String? = nil) -> (digest: String, stamp: FileStamp)? {
    let name = name ?? (file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file)
    for _ in 0..<5 {
      guard let stamp = FileStamp(of: file) else { return nil }
      if let entry = lock.withLock({ known[name] }), entry["stamp"]?.string == stamp.text,
        let digest = entry["sha256"]?.string
      {
        return (digest, stamp)
      }
      guard let digest = SHA256.hex(ofFile: file) else { return nil }
      guard FileStamp(of: file) == stamp else { continue }
      if stamp.isOlder(than: settling) { remember(digest, of: name, stamp) }
      return (digest, stamp)
    }
    return nil
  }

  private func remember(_ digest: String, of name: String, _ stamp: FileStamp) {
    lock.withLock {
      // Other commands may have remembered digests in the meantime.
      known.merge(Self.remembered(at: path)) { $1 }
      known[name] = ["stamp": .string(stamp.text), "sha256": .string(digest)]
      if let path { try? Value.object(known).json().write(toFile: path, atomically: true, encoding: .utf8) }
    }
  }
}

import Documents
import Foundation

/// SHA-256 digests of files, remembered as long as a file keeps its stamp, so that large inputs and the binary itself are not read anew by every
/// command.
///
/// A file that changed within the last seconds is never remembered, since a second change could leave its times as they are.
public final class FileDigests: @unchecked Sendable {
  private let path: String?
  private let settling: Double
  private let lock = NSLock()
  private var known: [String: Value]

  /// - Parameters:
  ///   - path: where digests are remembered between commands; nil remembers them in this process alone. A file that cannot be
  ///     read or written there only costs time.
  ///   - settling: seconds after which another change of a file has another time; the clocks of file systems are as coarse as two.
  public init(path: String? = nil, settling: Double = 3) {
    self.path = path
    self.settling = settling
    known = Self.remembered(at: path)
  }

  private static func remembered(at path: String?) -> [String: Value] { path.flatMap { try? Value(jsonFile: $0).object } ?? [:] }

  /// In lower-case hexadecimal; nil when the file cannot be read.
  ///
  /// - Parameter name: what it is remembered by, when that is not the path.
  public func digest(of file: String, rememberedAs name: String? = nil) -> String? { look(at: file, rememberedAs: name)?.digest }

  /// The digest with the stamp of the file that was read; nil when it cannot be read, or changes each time it is.
  public func look(at file: String, rememberedAs name: String? = nil) -> (digest: String, stamp: FileStamp)? {
    let name = name ?? (file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file)
    for _ in 0..<5 {
      guard let stamp = FileStamp(of: file) else { return nil }
      if let entry = lock.withLock({ known[name] }), entry["stamp"]?.string == stamp.text, let digest = entry["sha256"]?.string {
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
      // Others may have remembered something meanwhile.
      known.merge(Self.remembered(at: path)) { $1 }
      known[name] = ["stamp": .string(stamp.text), "sha256": .string(digest)]
      if let path { try? Value.object(known).json().write(toFile: path, atomically: true, encoding: .utf8) }
    }
  }
}

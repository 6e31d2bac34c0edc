import Documents
import Foundation

extension SHA256 {
  /// The digest of a file, read in pieces; nil when it can't be read.
  public static func hex(ofFile path: String) -> String? {
    guard let file = RegularFile.open(path) else { return nil }
    defer { try? file.close() }
    var hash = SHA256()
    do {
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(Array(piece)) }
    } catch {
      return nil
    }
    return hash.finish()
  }
}

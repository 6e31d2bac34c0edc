import Documents
import Foundation

extension String {
  /// The longest name that a file keeps whole, in bytes: an ending still finds room behind it.
  public static let fileNameLimit = 200

  /// A regular expression of names that files bear as they are, without a thought of Unicode or shells.
  public static var plainFileNamePattern: String { "^[A-Za-z0-9_-]{1,\(fileNameLimit)}$" }

  /// Whether it consists of what `plainFileNamePattern` allows, however long.
  public var hasPlainFileNameLetters: Bool {
    !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  /// Whether a shell takes the text for one word as it stands.
  public var isPlainShellWord: Bool {
    unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0) }
  }

  /// The name as that of a file or folder: one a name, so that no two share a place, and never one that leads out of its folder.
  ///
  /// Letters, digits, spaces and `-_.,=[]+` stay; of all else the bytes are written as `~3C`. A long name keeps its beginning, and a digest stands for
  /// the rest. Names that differ only in how Unicode composes their letters are one name, as they are elsewhere.
  ///
  /// - Parameter isTaken: whether a name is something else's in its folder; it is then written differently.
  public func asFileName(unless isTaken: (String) -> Bool = { _ in false }) -> String {
    let composed = precomposedStringWithCanonicalMapping
    if composed.isEmpty { return "~" }
    let parts = composed.unicodeScalars.enumerated().map { position, character in
      let isPlain =
        character.properties.isAlphabetic || character.properties.numericType == .decimal || "-_.,=[]+ ".unicodeScalars.contains(character)
      return isPlain && !(position == 0 && character == ".") ? String(character) : Self.bytes(of: character)
    }
    var name = parts.joined()
    if name.utf8.count > Self.fileNameLimit {
      var length = 0
      name =
        parts.prefix { part in
          length += part.utf8.count
          return length <= 160
        }.joined() + "~~" + SHA256.hex(of: composed).prefix(32)
    }
    guard isTaken(name), let first = composed.unicodeScalars.first else { return name }
    return Self.bytes(of: first) + name.unicodeScalars.dropFirst().map(String.init).joined()
  }

  private static func bytes(of character: Unicode.Scalar) -> String {
    String(character).utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "~" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}

import Documents
import Foundation

extension String {
  /// The longest file name, in bytes, that is kept whole; it leaves room for an extension.
  public static let fileNameLimit = 200

  /// A regular expression for names that are used as file names unchanged.
  public static var plainFileNamePattern: String { "^[A-Za-z0-9_-]{1,\(fileNameLimit)}$" }

  /// Whether the text consists of the characters that `plainFileNamePattern` allows, whatever its length.
  public var hasPlainFileNameLetters: Bool {
    !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  /// Whether a shell takes the text as one word without quotes.
  public var isPlainShellWord: Bool {
    unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0)
    }
  }

  /// The text as the name of a file or folder.
  ///
  /// Different texts give different names, and no name leads out of its folder. Letters, digits, spaces, and
  /// `-_.,=[]+` are kept; the bytes of all other characters are written as `~3C`. A long name keeps its beginning,
  /// and a digest stands for the rest. Texts that differ only in how Unicode composes their letters give the same
  /// name.
  ///
  /// - Parameter isTaken: returns whether a name already belongs to something else in the folder; if so another name
  ///   is chosen.
  /// - Returns: A name of at most `fileNameLimit` bytes.
  public func asFileName(unless isTaken: (String) -> Bool = { _ in false }) -> String {
    let composed = precomposedStringWithCanonicalMapping
    if composed.isEmpty { return "~" }
    let parts = composed.unicodeScalars.enumerated().map { position, character in
      let isPlain =
        character.properties.isAlphabetic || character.properties.numericType == .decimal
        || "-_.,=[]+ ".unicodeScalars.contains(character)
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

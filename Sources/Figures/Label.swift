import Support

/// Texts as gnuplot shows them: markup characters are escaped, and long texts are wrapped or cut.
enum Label {
  /// The mean width of a character in pixels at the two font sizes, somewhat more than DejaVu Sans needs.
  enum Size: Double {
    case title = 11
    case plain = 8.2
  }

  /// Returns a text in gnuplot's double quotes, with every special character written as a number.
  ///
  /// This includes the backquote, which would start a shell, and markup characters.
  ///
  /// - Parameter text: the text.
  /// - Returns: The quoted text.
  static func quoted(_ text: String) -> String { quoted(text) { markup[$0] ?? literal($0) } }

  /// Returns a quoted text for tick labels, which gnuplot takes as number formats.
  static func quotedFormat(_ text: String) -> String { quoted(text) { $0 == "%" ? "%%" : markup[$0] ?? literal($0) } }

  /// Returns a file name in gnuplot's double quotes, where markup has no meaning.
  static func quotedName(_ text: String) -> String { "\"" + joined(text.unicodeScalars.map(literal)) + "\"" }

  private static func quoted(_ text: String, _ character: (Unicode.Scalar) -> String) -> String {
    "\"" + joined(plain(text).unicodeScalars.map { $0 == "\n" ? "\\n" : character($0) }) + "\""
  }

  /// Joins pieces of a text.
  ///
  /// An octal number goes on with any digits that follow it, so that a digit after one is written as a number as
  /// well.
  private static func joined(_ pieces: [String]) -> String {
    var (result, endsInNumber) = ("", false)
    for piece in pieces {
      let digit = piece.unicodeScalars.first.flatMap {
        piece.unicodeScalars.count == 1 && ("0"..."9").contains($0) ? $0 : nil
      }
      let written = endsInNumber ? digit.map(number) ?? piece : piece
      result.unicodeScalars += written.unicodeScalars
      endsInNumber = written.utf8.suffix(4).first == UInt8(ascii: "\\") && written.utf8.count >= 4
    }
    return result
  }

  /// The escapes of markup characters.
  ///
  /// A backslash alone could form a number with what follows it, as in `\\U+3b1`; braces prevent that.
  private static let markup: [Unicode.Scalar: String] = {
    let marks = "_^@&{}~".unicodeScalars.map { ($0, literal("\\") + literal($0)) }
    return Dictionary(uniqueKeysWithValues: marks).merging(["\\": "{" + literal("\\") + literal("\\") + "}"]) { $1 }
  }()

  /// Returns an ASCII letter, digit, or harmless mark, or any other non-ASCII character, as it is, and else its octal
  /// number.
  private static func literal(_ character: Unicode.Scalar) -> String {
    let isInert = !character.isASCII || character.properties.isAlphabetic || ("0"..."9").contains(character)
    if isInert || " .,:;=+-()/<>|%".unicodeScalars.contains(character) { return String(character) }
    return number(character)
  }

  private static func number(_ character: Unicode.Scalar) -> String {
    let digits = String(character.value, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// Returns a text without characters that no font draws: line ends become `\
  /// `, tabs become spaces, and control characters a replacement mark.
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.replacing("\r\n", with: "\n").unicodeScalars.map { character in
          switch character {
          case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": "\n"
          case "\t": " "
          default:
            character.properties.generalCategory == .control || character.properties.isNoncharacterCodePoint
              ? "\u{FFFD}" : character
          }
        }))
  }

  /// Returns a text as a CSV field: on one line, quoted, and not starting like a formula.
  static func field(_ text: String) -> String {
    plain(text).replacing("\n", with: " ").guardedFromFormulas.quotedForCSV
  }

  /// Returns a text wrapped at spaces to fit a width; a word that is too long is broken.
  static func wrapped(_ text: String, pixels: Double, size: Size = .plain) -> String {
    let room = max(8, Int(pixels / size.rawValue))
    return plain(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { lines($0, room: room) }
      .joined(separator: "\n")
  }

  private static func lines(_ text: Substring, room: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      var rest = word[...]
      if let last = lines.last, !last.isEmpty, last.count + 1 + rest.count <= room {
        lines[lines.count - 1] += " " + rest
        continue
      }
      if lines.last != "" { lines.append("") }
      while rest.count > room {
        lines[lines.count - 1] = String(rest.prefix(room))
        rest = rest.dropFirst(room)
        lines.append("")
      }
      lines[lines.count - 1] = String(rest)
    }
    return lines
  }

  /// Returns a text cut to a width, on one line.
  static func cut(_ text: String, pixels: Double) -> String {
    let room = max(8, Int(pixels / Size.plain.rawValue))
    let line = plain(text).replacing("\n", with: " ")
    return line.count <= room ? line : line.prefix(room - 1) + "…"
  }
}

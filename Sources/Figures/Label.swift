import Support

/// Texts as gnuplot shows them: markup characters made plain, broken into lines or cut so that nothing is clipped.
enum Label {
  /// The mean width of a character, in pixels, at the two sizes in use; somewhat more than DejaVu Sans has.
  enum Size: Double {
    case title = 11
    case plain = 8.2
  }

  /// A text in gnuplot's double quotes, where it is nothing but a text: whatever has a meaning to gnuplot, such as a backquote, which would start a
  /// shell, is written by its number, and what is markup by its number after a backslash.
  static func quoted(_ text: String) -> String { quoted(text) { markup[$0] ?? literal($0) } }

  /// As `quoted`, for the names of ticks, which are formats of numbers to gnuplot.
  static func quotedFormat(_ text: String) -> String { quoted(text) { $0 == "%" ? "%%" : markup[$0] ?? literal($0) } }

  /// The name of a file in gnuplot's double quotes, which holds no markup.
  static func quotedName(_ text: String) -> String { "\"" + joined(text.unicodeScalars.map(literal)) + "\"" }

  private static func quoted(_ text: String, _ character: (Unicode.Scalar) -> String) -> String {
    "\"" + joined(plain(text).unicodeScalars.map { $0 == "\n" ? "\\n" : character($0) }) + "\""
  }

  /// Pieces of a text one after the other. A number in octal goes on with whatever digits follow it, so that a digit behind one is a number as well.
  private static func joined(_ pieces: [String]) -> String {
    var (result, endsInNumber) = ("", false)
    for piece in pieces {
      let digit = piece.unicodeScalars.first.flatMap { piece.unicodeScalars.count == 1 && ("0"..."9").contains($0) ? $0 : nil }
      let written = endsInNumber ? digit.map(number) ?? piece : piece
      result.unicodeScalars += written.unicodeScalars
      endsInNumber = written.utf8.suffix(4).first == UInt8(ascii: "\\") && written.utf8.count >= 4
    }
    return result
  }

  /// What makes markup plain. A backslash alone could join with what follows it to a number, as in `\U+3b1`; braces end that.
  private static let markup: [Unicode.Scalar: String] = {
    let marks = "_^@&{}~".unicodeScalars.map { ($0, literal("\\") + literal($0)) }
    return Dictionary(uniqueKeysWithValues: marks).merging(["\\": "{" + literal("\\") + literal("\\") + "}"]) { $1 }
  }()

  /// Letters, digits and a few marks that mean nothing between quotes stand for themselves, and so do all characters beyond ASCII.
  private static func literal(_ character: Unicode.Scalar) -> String {
    let isInert = !character.isASCII || character.properties.isAlphabetic || ("0"..."9").contains(character)
    if isInert || " .,:;=+-()/<>|%".unicodeScalars.contains(character) { return String(character) }
    return number(character)
  }

  private static func number(_ character: Unicode.Scalar) -> String {
    let digits = String(character.value, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// A text without what no font draws: line ends of all kinds become `\n`, tabs spaces, and control characters the mark of what cannot be shown.
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.replacing("\r\n", with: "\n").unicodeScalars.map { character in
          switch character {
          case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": "\n"
          case "\t": " "
          default: character.properties.generalCategory == .control || character.properties.isNoncharacterCodePoint ? "\u{FFFD}" : character
          }
        }))
  }

  /// A text as the last field of a line of comma-separated values: of one line, in quotes, and none that a spreadsheet takes for a formula.
  static func field(_ text: String) -> String {
    plain(text).replacing("\n", with: " ").guardedFromFormulas.quotedForCSV
  }

  /// A text broken at spaces into lines that fit into a width; a longer word is broken where it must be.
  static func wrapped(_ text: String, pixels: Double, size: Size = .plain) -> String {
    let room = max(8, Int(pixels / size.rawValue))
    return plain(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { lines($0, room: room) }.joined(separator: "\n")
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

  /// A text cut to a width, on one line.
  static func cut(_ text: String, pixels: Double) -> String {
    let room = max(8, Int(pixels / Size.plain.rawValue))
    let line = plain(text).replacing("\n", with: " ")
    return line.count <= room ? line : line.prefix(room - 1) + "…"
  }
}

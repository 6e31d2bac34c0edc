/// Texts as gnuplot shows them: markup characters made plain, broken into lines or cut so that nothing is clipped.
enum Label {
  /// The mean width of a character, in pixels, at the two sizes in use; somewhat more than DejaVu Sans has.
  enum Size: Double {
    case title = 11
    case plain = 8.2
  }

  /// A text in gnuplot's double quotes.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for character in text {
      switch character {
      case "\n": out += "\\n"
      case "\"": out += "\\\""
      case "\\": out += "\\\\\\\\"
      // The backslash that makes markup plain must itself pass through the quotes.
      case "_", "^", "@", "&", "{", "}", "~": out += "\\\\\(character)"
      default: out.append(character)
      }
    }
    return out + "\""
  }

  /// A text broken at spaces into lines that fit into a width; a longer word is broken where it must be.
  static func wrapped(_ text: String, pixels: Double, size: Size = .plain) -> String {
    let room = max(8, Int(pixels / size.rawValue))
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
    return lines.joined(separator: "\n")
  }

  /// A text cut to a width.
  static func cut(_ text: String, pixels: Double) -> String {
    let room = max(8, Int(pixels / Size.plain.rawValue))
    return text.count <= room ? text : text.prefix(room - 1) + "…"
  }
}

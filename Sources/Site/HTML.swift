/// A piece of an HTML page.
///
/// Texts are always escaped; only `verbatim` takes markup.
public struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// The markup of this piece.
  public private(set) var source: String

  private init(source: String) { self.source = source }

  /// Creates escaped text from a literal.
  public init(stringLiteral text: String) { self = .text(text) }

  /// Returns markup unchanged.
  static func verbatim(_ source: String) -> HTML { HTML(source: source) }

  /// Creates a piece of HTML from a text, with all special characters escaped.
  public static func text(_ text: String) -> HTML { HTML(source: escaped(text)) }

  static func + (first: HTML, second: HTML) -> HTML { HTML(source: first.source + second.source) }

  static func joined(_ parts: [HTML], by separator: String = "") -> HTML {
    HTML(source: parts.map(\.source).joined(separator: separator))
  }

  /// Returns an element with attributes and content.
  static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: HTML...) -> HTML {
    HTML(source: "\(opening(name, attributes))\(joined(content).source)</\(name)>")
  }

  /// Returns an element without content.
  static func void(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) -> HTML {
    HTML(source: opening(name, attributes))
  }

  private static func opening(_ name: String, _ attributes: KeyValuePairs<String, String>) -> String {
    "<\(name)\(attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined())>"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result.unicodeScalars.append(character)
      // Control characters are not allowed in HTML.
      default: result.unicodeScalars.append(character.properties.generalCategory == .control ? "\u{FFFD}" : character)
      }
    }
    return result
  }

  /// Returns a path as a relative address, with special characters percent-encoded.
  static func reference(to path: String) -> String {
    path.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.~/".unicodeScalars.contains(scalar))
      if isPlain { return String(Character(scalar)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}

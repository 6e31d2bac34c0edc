/// A piece of a page. Text goes in through `text` alone, which escapes it.
public struct HTML: Sendable, ExpressibleByStringInterpolation {
  public private(set) var source: String

  private init(source: String) { self.source = source }

  public init(stringLiteral text: String) { self = .text(text) }

  /// Markup that is written as it stands.
  static func verbatim(_ source: String) -> HTML { HTML(source: source) }

  public static func text(_ text: String) -> HTML { HTML(source: escaped(text)) }

  static func + (first: HTML, second: HTML) -> HTML { HTML(source: first.source + second.source) }

  static func joined(_ parts: [HTML], by separator: String = "") -> HTML {
    HTML(source: parts.map(\.source).joined(separator: separator))
  }

  /// `<name attributes>content</name>`, attributes in their order.
  static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: HTML...) -> HTML {
    HTML(source: "\(opening(name, attributes))\(joined(content).source)</\(name)>")
  }

  /// An element without content.
  static func void(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) -> HTML { HTML(source: opening(name, attributes)) }

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
      // Control characters are no part of a page.
      default: result.unicodeScalars.append(character.properties.generalCategory == .control ? "\u{FFFD}" : character)
      }
    }
    return result
  }

  /// A path as a reference: what has a meaning in addresses, or none, is written by its bytes.
  static func reference(to path: String) -> String {
    path.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.~/".unicodeScalars.contains(scalar))
      if isPlain { return String(Character(scalar)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}

extension Value {
  /// The value as JSON with sorted keys, on one line or indented by two spaces.
  ///
  /// Numbers are written with the fewest digits that read back to the same bits. JSON has no infinities and no NaN:
  /// ±∞ become the strings "inf" and "-inf", and NaN becomes null.
  ///
  /// - Parameter indented: whether to write one member per line.
  /// - Returns: The text, without a final newline.
  public func json(indented: Bool = false) -> String {
    var out = ""
    write(to: &out, indent: indented ? 0 : nil)
    return out
  }

  private func write(to out: inout String, indent: Int?) {
    switch self {
    case .null: out += "null"
    case .bool(let flag): out += flag ? "true" : "false"
    case .integer(let integer): out += "\(integer)"
    case .number(let number):
      out += number.isFinite ? "\(number)" : number.isNaN ? "null" : number > 0 ? "\"inf\"" : "\"-inf\""
    case .string(let text): Self.write(text, to: &out)
    case .array(let elements):
      Self.write(elements.map { (nil, $0) }, brackets: ("[", "]"), to: &out, indent: indent)
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      Self.write(sorted.map { ($0.key, $0.value) }, brackets: ("{", "}"), to: &out, indent: indent)
    }
  }

  private static func write(
    _ members: [(key: String?, value: Value)], brackets: (String, String), to out: inout String, indent: Int?
  ) {
    out += brackets.0
    for (position, member) in members.enumerated() {
      if position > 0 { out += "," }
      if let indent { out += "\n" + String(repeating: "  ", count: indent + 1) }
      if let key = member.key {
        write(key, to: &out)
        out += indent == nil ? ":" : ": "
      }
      member.value.write(to: &out, indent: indent.map { $0 + 1 })
    }
    if let indent, !members.isEmpty { out += "\n" + String(repeating: "  ", count: indent) }
    out += brackets.1
  }

  private static func write(_ text: String, to out: inout String) {
    out += "\""
    // Most texts need no escapes.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      out += text
      out += "\""
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let control where control.value < 0x20:
        let hex = String(control.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

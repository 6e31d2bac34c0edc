extension Value {
  /// Reads JSON text, or throws `DocumentError` with line and column if it is not valid JSON.
  public init(json text: String, path: String) throws(DocumentError) {
    try self.init(json: Array(text.utf8), path: path)
  }

  /// Reads JSON from bytes.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - path: the name of the text in errors, usually its file.
  ///   - skipped: keys of the outermost object whose values are skipped without being checked, which makes reading
  ///     the rest faster.
  /// - Throws: `DocumentError` with line and column if the bytes are not valid JSON.
  public init(json bytes: [UInt8], path: String, skipping skipped: Set<String> = []) throws(DocumentError) {
    var reader = JSONReader(bytes: bytes, path: path, skipped: skipped)
    self = try reader.document()
  }
}

/// A strict JSON reader (RFC 8259) that restores exactly what `Value.json` wrote.
///
/// It keeps `1`, a whole number, and `1.0` apart. Foundation's decoder does not, and a run's key depends on the
/// difference.
private struct JSONReader {
  private let bytes: [UInt8]
  private let path: String
  private let skipped: Set<String>
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8], path: String, skipped: Set<String>) {
    self.bytes = bytes
    self.path = path
    self.skipped = skipped
  }

  mutating func document() throws(DocumentError) -> Value {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw error("something follows after the end of the value") }
    return value
  }

  private mutating func value() throws(DocumentError) -> Value {
    skipSpace()
    guard position < bytes.count else { throw error("the text ends too early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object() throws(DocumentError) -> Value {
    var members: [String: Value] = [:]
    try enter()
    while try !closes(UInt8(ascii: "}"), isFirst: members.isEmpty) {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw error("a key in quotes was expected")
      }
      let key = try string()
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { throw error("':' was expected") }
      position += 1
      let isSkipped = depth == 1 && skipped.contains(key)
      if isSkipped { try skip() }
      let member = isSkipped ? Value.null : try value()
      guard members.updateValue(member, forKey: key) == nil else { throw error("the key '\(key)' occurs twice here") }
    }
    return .object(members)
  }

  /// Skips a value by looking only at its brackets and strings.
  private mutating func skip() throws(DocumentError) {
    var open = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if open == 0 { return }
        open -= 1
      case UInt8(ascii: ",") where open == 0: return
      case UInt8(ascii: "\""):
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
          position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
      default: break
      }
      position += 1
    }
    throw error("the text ends too early")
  }

  private mutating func array() throws(DocumentError) -> Value {
    var elements: [Value] = []
    try enter()
    while try !closes(UInt8(ascii: "]"), isFirst: elements.isEmpty) { elements.append(try value()) }
    return .array(elements)
  }

  private mutating func enter() throws(DocumentError) {
    position += 1
    depth += 1
    if depth > 256 { throw error("it is nested too deeply") }
  }

  /// Steps over the closing bracket and returns true, or over the comma before the next member.
  private mutating func closes(_ bracket: UInt8, isFirst: Bool) throws(DocumentError) -> Bool {
    skipSpace()
    guard position < bytes.count else { throw error("the text ends too early") }
    if bytes[position] == bracket {
      position += 1
      depth -= 1
      return true
    }
    if isFirst { return false }
    guard bytes[position] == UInt8(ascii: ",") else {
      throw error("',' or '\(Character(Unicode.Scalar(bracket)))' was expected")
    }
    position += 1
    return false
  }

  private mutating func word(_ word: StaticString, _ value: Value) throws(DocumentError) -> Value {
    let expected = word.description.utf8
    guard bytes[position...].starts(with: expected) else { throw error("a value was expected") }
    position += expected.count
    return value
  }

  private mutating func number() throws(DocumentError) -> Value {
    let start = position
    if next("-") { position += 1 }
    // No digits may follow a leading zero.
    if next("0") { position += 1 } else { try digits() }
    var isWhole = true
    if next(".") {
      isWhole = false
      position += 1
      try digits()
    }
    if next("e") || next("E") {
      isWhole = false
      position += 1
      if next("+") || next("-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw error("the number \(text) is too large") }
    return .number(number)
  }

  /// Steps over at least one digit.
  private mutating func digits() throws(DocumentError) {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    if position == start { throw error(start < bytes.count ? "a value was expected" : "the text ends too early") }
  }

  private func next(_ character: Unicode.Scalar) -> Bool {
    position < bytes.count && bytes[position] == UInt8(ascii: character)
  }

  private mutating func string() throws(DocumentError) -> String {
    position += 1
    var text = try plainText()
    while next("\\") {
      text += try escapes()
      text += try plainText()
    }
    guard position < bytes.count else { throw error("the text ends inside a string") }
    position += 1
    return text
  }

  /// The characters up to the next quote or escape.
  private mutating func plainText() throws(DocumentError) -> String {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
      guard bytes[position] >= 0x20 else {
        throw error("a string holds a control character, where an escape was expected")
      }
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // Invalid UTF-8 was replaced when the text was made, so the bytes differ.
    guard text.utf8.elementsEqual(bytes[start..<position]) else { throw error("a string is not UTF-8") }
    return text
  }

  /// Reads consecutive escapes together, since two of them may be the halves of one character.
  private mutating func escapes() throws(DocumentError) -> String {
    var units: [UInt16] = []
    while next("\\") { units.append(try escape()) }
    let text = String(decoding: units, as: UTF16.self)
    guard text.utf16.elementsEqual(units) else { throw error("a string holds half of a surrogate pair") }
    return text
  }

  private mutating func escape() throws(DocumentError) -> UInt16 {
    position += 2
    guard position <= bytes.count else { throw error("the text ends inside a string") }
    switch bytes[position - 1] {
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(bytes[position - 1])
    case UInt8(ascii: "u"):
      let digits = bytes[position...].prefix(4)
      guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
      else { throw error("four hexadecimal digits were expected") }
      position += 4
      return unit
    default: throw error("a string holds an unknown escape")
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  private func error(_ problem: String) -> DocumentError {
    let before = bytes.prefix(min(position, bytes.count))
    let line = before.count { $0 == 0x0A } + 1
    let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
    return DocumentError(place: .file(path, line: line, column: column), problem: "is not valid JSON: \(problem)")
  }
}

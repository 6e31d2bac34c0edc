import LinearAlgebra

extension NumericArray {
  /// Reads a text table of numbers separated by commas, semicolons, tabs, or spaces.
  ///
  /// Empty lines and lines that start with # are skipped, and a single column gives a vector. A first line may be a
  /// header, and a first column may name or count the rows, as pandas and R write them (see `TableFrame`). Both are
  /// left out, and a note says so.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - notes: collects what was left out.
  /// - Returns: A vector, or a matrix of rows × columns.
  /// - Throws: `DataError` if the file is unreadable or not a table of numbers.
  static func readDelimitedText(_ path: String, notes: Notes) throws(DataError) -> NumericArray {
    let text = try TextTable(bytes: contents(of: path, notes: notes), path: path)
    guard !text.lines.isEmpty else { throw DataError(path: path, problem: "holds no numbers") }
    let columns = text.lines.prefix(2).map { text.fields(of: $0).count }.max() ?? 0
    var body = TableBody()
    try body.reserve(lines: text.lines.count, columns: columns + 1, bytes: text.size, beside: text.held, path: path)
    // The other lines decide whether the first line is a header.
    for line in text.lines.dropFirst() { try body.add(text.fields(of: line), line: line.number, path: path) }
    let (first, line) = (text.fields(of: text.lines[0]), text.lines[0].number)
    let frame = try TableFrame(first: first, line: line, body: body, separator: text.separator, path: path)
    if !frame.hasHeader {
      try body.insert(first, line: line, path: path)
      try body.refuseCommas(separator: text.separator, path: path, notes: notes)
    }
    guard body.rows > 0 else { throw DataError(path: path, problem: "holds no numbers") }
    if frame.indexColumns == 0, let wrong = body.firstText {
      throw TableBody.notANumber(wrong.text, line: wrong.line, column: 1, path: path)
    }
    for note in frame.notes { notes.add("\(path): \(note)") }
    body.dropColumns(frame.indexColumns)
    return NumericArray(shape: body.columns == 1 ? [body.rows] : [body.rows, body.columns], elements: body.numbers)
  }
}

/// The lines of a text that hold fields, and the separator of the fields.
struct TextTable {
  struct Line {
    /// The number of the line, counted from 1 as editors do.
    let number: Int
    let bytes: ArraySlice<UInt8>
  }

  let lines: [Line]
  /// The size of the text in bytes.
  let size: Int
  /// The memory that the text and its lines occupy, in bytes.
  var held: Double { Double(size) + Double(MemoryLayout<Line>.stride * lines.capacity) }
  /// The separator, or nil if fields are separated by spaces.
  let separator: UInt8?

  init(bytes: [UInt8], path: String) throws(DataError) {
    if let zero = bytes.firstIndex(of: 0) {
      throw DataError(path: path, problem: "is not a text file (byte \(zero) is zero)")
    }
    // Spreadsheets write a byte order mark before UTF-8.
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    size = bytes.count
    let lineEnd = text.contains(UInt8(ascii: "\n")) ? UInt8(ascii: "\n") : UInt8(ascii: "\r")
    var (start, number, count) = (text.startIndex, 0, 1)
    for byte in text where byte == lineEnd { count += 1 }
    try ReaderMemory.require(Double(MemoryLayout<Line>.stride * count), besides: Double(bytes.count), of: path)
    var lines: [Line] = []
    lines.reserveCapacity(count)
    while number < count {
      let end = text[start...].firstIndex(of: lineEnd) ?? text.endIndex
      number += 1
      let trimmed = Self.trimmed(text[start..<end])
      if let first = trimmed.first, first != UInt8(ascii: "#") { lines.append(Line(number: number, bytes: trimmed)) }
      start = min(end + 1, text.endIndex)
    }
    self.lines = lines
    // One separator for the whole file: the one found in all lines, or else in most. A comma beside it belongs to the
    // fields.
    let candidates = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")]
    let counts = candidates.map { candidate in lines.count { $0.bytes.contains(candidate) } }
    let most = counts.max() ?? 0
    separator = most == 0 ? nil : zip(candidates, counts).first { $0.1 == most }?.0
  }

  /// Returns the fields of a line without surrounding blanks; quotes are removed, and what they enclose is one field.
  func fields(of line: Line) -> [String] {
    let quote = UInt8(ascii: "\"")
    let isBlank = separator == nil
    var fields: [String] = []
    var (start, position) = (line.bytes.startIndex, line.bytes.startIndex)
    var isQuoted = false
    func field(_ end: Int) -> String {
      var field = Self.trimmed(line.bytes[start..<end])
      if field.count >= 2, field.first == quote, field.last == quote { field = field.dropFirst().dropLast() }
      return String(decoding: field, as: UTF8.self)
    }
    while position < line.bytes.endIndex {
      let byte = line.bytes[position]
      if byte == quote { isQuoted.toggle() }
      if !isQuoted, isBlank ? Self.isSpace(byte) : byte == separator {
        if !isBlank || position > start { fields.append(field(position)) }
        start = position + 1
      }
      position += 1
    }
    fields.append(field(line.bytes.endIndex))
    return fields
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var (start, end) = (bytes.startIndex, bytes.endIndex)
    while start < end {
      if isSpace(bytes[start]) {
        start += 1
      } else if end - start >= 2, bytes[start] == 0xc2, bytes[start + 1] == 0xa0 {
        start += 2  // A space that does not break the line.
      } else {
        break
      }
    }
    while start < end {
      if isSpace(bytes[end - 1]) {
        end -= 1
      } else if end - start >= 2, bytes[end - 1] == 0xa0, bytes[end - 2] == 0xc2 {
        end -= 2
      } else {
        break
      }
    }
    return bytes[start..<end]
  }
}

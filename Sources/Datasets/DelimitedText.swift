import Foundation

extension NumericArray {
  /// Reads a table of numbers in text: separated by commas, semicolons, tabs or spaces; a first line that is not numbers is a header;
  /// empty lines and lines that start with # are passed over. One column gives a vector.
  static func readDelimitedText(_ path: String) throws(DataError) -> NumericArray {
    // Spreadsheets put a mark of the byte order before UTF-8.
    let bytes = try contents(of: path).trimmingByteOrderMark
    if let zero = bytes.firstIndex(of: 0) {
      throw DataError(path: path, problem: "is not a text file (byte \(zero) is zero)")
    }
    var elements: [Double] = []
    var columns: Int?
    var rows = 0
    for (number, line) in bytes.split(omittingEmptySubsequences: false, whereSeparator: { $0 == UInt8(ascii: "\n") }).enumerated() {
      let fields = split(line)
      if fields.isEmpty || fields[0].first == "#" { continue }
      let values = fields.map { Double($0) }
      if let wrong = values.firstIndex(of: nil) {
        // The header, if there is one, is the first line that is not empty, and none of its fields is a number.
        if rows == 0, columns == nil, values.allSatisfy({ $0 == nil }) {
          columns = fields.count
          continue
        }
        throw DataError(
          path: path, problem: "holds '\(fields[wrong].prefix(40))' in line \(number + 1), column \(wrong + 1), but a number was expected")
      }
      if let columns, columns != values.count {
        throw DataError(path: path, problem: "has \(values.count) columns in line \(number + 1), but \(columns) in the lines before")
      }
      columns = values.count
      rows += 1
      elements += values.compactMap(\.self)
    }
    guard rows > 0, let columns else { throw DataError(path: path, problem: "holds no numbers") }
    return NumericArray(shape: columns == 1 ? [rows] : [rows, columns], elements: elements)
  }

  private static func split(_ line: ArraySlice<UInt8>) -> [String] {
    let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard !text.isEmpty else { return [] }
    for separator: Character in [",", ";", "\t"] where text.contains(separator) {
      return text.split(separator: separator, omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return text.split(separator: " ").map(String.init)
  }
}

extension [UInt8] {
  fileprivate var trimmingByteOrderMark: ArraySlice<UInt8> { starts(with: [0xef, 0xbb, 0xbf]) ? self[3...] : self[...] }
}

/// The numbers of a table; the first column may hold texts that name the rows.
struct TableBody {
  enum FirstColumn { case numbers, texts, mixed }

  private(set) var rows = 0
  private(set) var columns = 0
  private(set) var firstLine = 0
  private(set) var firstColumn = FirstColumn.numbers
  /// The first text in the first column.
  private(set) var firstText: (text: String, line: Int)?
  /// Whether all numbers outside the first column have a decimal point or an exponent, and whether those inside have.
  private(set) var haveAllPoints = true
  private(set) var hasFirstColumnPoints = true
  /// Whether any number has a decimal point or an exponent.
  private(set) var hasSomePoints = false
  /// The number from which the first column counts the rows; nil if it does not count them.
  private(set) var countedFrom: Int?
  /// The numbers in row-major order, with 0 in place of a text in the first column.
  private(set) var numbers: [Double] = []
  private(set) var decimals = DecimalCommas()
  private(set) var thousands = ThousandsCommas()

  /// The numbers of the first row.
  var firstRow: ArraySlice<Double> { numbers.prefix(columns) }

  /// Reserves memory for all numbers of a text at once.
  ///
  /// - Parameters:
  ///   - lines: the number of lines.
  ///   - columns: the number of columns.
  ///   - bytes: the size of the text; a number takes at least two bytes.
  ///   - held: bytes held at the same time.
  ///   - path: the file.
  /// - Throws: `DataError` if there is not enough memory.
  mutating func reserve(lines: Int, columns: Int, bytes: Int, beside held: Double, path: String) throws(DataError) {
    let count = min(Double(lines) * Double(columns), Double(bytes / 2 + 1))
    // The fields of two lines are held as texts in addition.
    try ReaderMemory.require(8 * count + 200 * Double(columns), besides: held, of: path)
    numbers.reserveCapacity(Int(count))
  }

  mutating func add(_ fields: [String], line: Int, path: String) throws(DataError) {
    if rows > 0, fields.count != columns {
      throw DataError(
        path: path, problem: "has \(fields.count) columns in line \(line), but \(columns) in the lines before")
    }
    columns = fields.count
    if rows == 0 { firstLine = line }
    let isNumber = try append(fields, line: line, path: path)
    let kind = isNumber ? FirstColumn.numbers : .texts
    firstColumn = rows == 0 || firstColumn == kind ? kind : .mixed
    if !isNumber, firstText == nil { firstText = (fields[0], line) }
    rows += 1
    for (column, field) in fields.enumerated() {
      if !Self.isWhole(field) {
        hasSomePoints = hasSomePoints || column > 0 || isNumber
      } else if column == 0 {
        hasFirstColumnPoints = false
      } else {
        haveAllPoints = false
      }
    }
    let start = Int(fields[0]).map { $0 - (rows - 1) }
    countedFrom = rows == 1 || countedFrom == start ? start : nil
    decimals.look(at: fields)
    thousands.look(at: fields)
  }

  /// Inserts a first line of numbers with as many columns before the others.
  mutating func insert(_ fields: [String], line: Int, path: String) throws(DataError) {
    var whole = TableBody()
    try whole.add(fields, line: line, path: path)
    columns = whole.columns
    firstColumn = rows == 0 || firstColumn == whole.firstColumn ? whole.firstColumn : .mixed
    firstText = whole.firstText ?? firstText
    numbers.insert(contentsOf: whole.numbers, at: 0)
    rows += 1
    decimals.look(at: fields)
    thousands.look(at: fields)
  }

  /// Appends the numbers of a line, and returns whether its first field is a number.
  private mutating func append(_ fields: [String], line: Int, path: String) throws(DataError) -> Bool {
    for (column, field) in fields.enumerated() {
      if let number = Double(decimal: field) {
        numbers.append(number)
      } else if column == 0, fields.count > 1, !Self.isMissing(field), !Self.isForeignNumber(field) {
        numbers.append(0)
      } else {
        throw Self.notANumber(field, line: line, column: column + 1, path: path)
      }
    }
    return Double(decimal: fields[0]) != nil
  }

  /// Removes the first columns in place.
  mutating func dropColumns(_ dropped: Int) {
    if dropped == 0 { return }
    let kept = columns - dropped
    for row in 0..<rows {
      for column in 0..<kept { numbers[row * kept + column] = numbers[row * columns + dropped + column] }
    }
    numbers.removeLast(rows * dropped)
    columns = kept
  }

  static func notANumber(_ field: String, line: Int, column: Int, path: String) -> DataError {
    let hint = isDecimalComma(field) ? " (with a point, not a comma)" : ""
    return DataError(
      path: path,
      problem: "holds '\(field.prefix(40))' in line \(line), column \(column), but a number was expected\(hint)")
  }

  private static func isDecimalComma(_ field: String) -> Bool {
    let parts = field.split(separator: ",", omittingEmptySubsequences: false)
    return parts.count == 2 && Double(decimal: parts.joined(separator: ".")) != nil
  }
}

extension TableBody {
  /// Returns whether a field consists of digits with an optional sign.
  static func isWhole(_ field: String) -> Bool {
    let digits = field.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    return !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Returns whether a field is a number in a form that is not read: hexadecimal, with commas, or with blanks between
  /// digits.
  static func isForeignNumber(_ field: String) -> Bool {
    if Double(decimal: field) != nil { return false }
    let digits = field.filter(\.isASCII).count { $0.isNumber }
    let isGrouped =
      field.contains { ", '".contains($0) } && field.allSatisfy { $0.isASCII && ($0.isNumber || "+-.,' ".contains($0)) }
    return Double(field) != nil || (digits > 0 && isGrouped)
  }

  /// Returns whether a field is one of the common ways to write a missing value.
  static func isMissing(_ field: String) -> Bool {
    ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", ".", "?"].contains(field.lowercased())
  }
}

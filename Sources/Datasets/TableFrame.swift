/// The parts of a text table that are not data: the header, and a first column that names or counts the rows.
///
/// - A first line of names is a header. So is one whose first field is empty and whose others are names or 0, 1, …,
///   as pandas and R write it; the first column is then an index.
/// - A first line 0, 1, …, n−1 is the header of unnamed columns if all numbers below have a decimal point. It is one
///   as well if those are whole numbers too, but n ≥ 3, line 1 is not the first row of a square table, and line 2
///   does not go on counting. Otherwise it is data, and a note says so.
/// - A first line of other ascending whole numbers (years, 1, …, n) is a header only over numbers that all have a
///   decimal point. If only some have one, it is data, and a note says so. Beside an unnamed index, whole numbers are
///   names.
/// - A first column of texts names the rows. A column called `index` that counts them is an index as well.
/// - A first line of names with one field fewer than the others is a header that leaves the index out, as R writes
///   it.
struct TableFrame {
  private(set) var hasHeader = false
  /// The number of first columns that are an index.
  private(set) var indexColumns = 0
  private(set) var notes: [String] = []

  init(first: [String], line: Int, body: TableBody, separator: UInt8?, path: String) throws(DataError) {
    var hasIndex = false
    let values = first.map { Double(decimal: $0) }
    if let wrong = first.firstIndex(where: TableBody.isForeignNumber) {
      throw TableBody.notANumber(first[wrong], line: line, column: wrong + 1, path: path)
    }
    if first.allSatisfy(TableBody.isMissing), let wrong = values.firstIndex(of: nil) {
      throw TableBody.notANumber(first[wrong], line: line, column: wrong + 1, path: path)
    }
    let areRowsNamed = body.rows > 0 && body.firstColumn == .texts
    let countsRows = body.countedFrom == 0 || body.countedFrom == 1
    // If commas separate the columns, whole numbers that count rows may as well be the halves of numbers.
    let areRowsKnown = areRowsNamed || (countsRows && separator != UInt8(ascii: ","))
    let leavesIndexOut =
      body.rows > 0 && first.count == body.columns - 1 && areRowsKnown && values.allSatisfy { $0 == nil }
    if body.rows > 0, first.count != body.columns, !leavesIndexOut {
      let hint = body.columns == 2 * first.count ? "; numbers are written with a point, not with a comma" : ""
      throw DataError(
        path: path,
        problem: "has \(body.columns) columns in line \(body.firstLine), but \(first.count) in the lines before\(hint)")
    }
    // The names in the header without those of an index, which pandas calls Unnamed when it reads and writes a table
    // again.
    let unnamed = leavesIndexOut ? 0 : first.prefix { $0.isEmpty || $0.hasPrefix("Unnamed: ") }.count
    let isUnnamed = unnamed > 0
    let names = leavesIndexOut ? first : Array(first.dropFirst(max(unnamed, areRowsNamed ? 1 : 0)))
    let counts = Self.counts(names)
    let hasPoints = body.haveAllPoints && (areRowsNamed || body.hasFirstColumnPoints)
    // Unnamed columns among named ones are called 0, 1, … as well.
    let numbered = names.filter { Double(decimal: $0)?.isFinite == true }
    let isNamed =
      names.contains { !TableBody.isMissing($0) && Double(decimal: $0) == nil }
      && (Self.counts(numbered, isEmptyFine: true) || (body.rows > 0 && body.haveAllPoints && Self.ascend(numbered)))
    let areNumbered =
      counts || (Self.areWhole(names) && (areRowsNamed || countsRows || (body.haveAllPoints && Self.ascend(names))))
    switch true {
    case isNamed:
      hasHeader = true
    case areNumbered && (isUnnamed || leavesIndexOut):
      hasHeader = true
    case !isUnnamed && body.rows > 0
      && (counts || (hasPoints && Self.areWhole(names)) || (body.hasSomePoints && Self.ascend(names))):
      hasHeader =
        counts ? Self.isHeader(counting: names, body: body, skipsFirst: areRowsNamed) : hasPoints && Self.ascend(names)
      hasIndex = !hasHeader && areRowsNamed && values[0] == nil
      if !hasHeader {
        notes.append("line \(line) (\(Self.list(first))) was read as numbers; names in it would make it a header")
      }
    case values[0] == nil && !isUnnamed && first.count > 1 && (body.rows == 0 || areRowsNamed):
      hasIndex = true
    default: break
    }
    if isUnnamed && !hasHeader && !hasIndex { throw TableBody.notANumber(first[0], line: line, column: 1, path: path) }
    let isCounted = hasHeader && countsRows && first[0].lowercased() == "index"
    hasIndex = hasIndex || (hasHeader && (isUnnamed || leavesIndexOut || areRowsNamed || isCounted))
    indexColumns = hasIndex && body.columns > max(1, unnamed) ? max(1, unnamed) : 0
    let named = leavesIndexOut ? first : Array(first.dropFirst(indexColumns))
    if hasHeader { notes.append("line \(line) was taken as a header (\(Self.list(named)))") }
    let looksCounted =
      body.columns > 1 && body.rows > 1 && (hasHeader ? countsRows : Self.goesOn(from: first[0], to: body.countedFrom))
    if indexColumns > 0 {
      let what =
        body.firstColumn == .texts || body.rows == 0 ? "names the rows" : countsRows ? "counts the rows" : "has no name"
      let columns = indexColumns > 1 ? "index of \(indexColumns) columns" : "first column"
      notes.append("the \(columns) \(what) and was left out")
    } else if looksCounted && (hasHeader || notes.isEmpty) {
      notes.append(
        "the first column counts the rows and was read as numbers; without a name in a header it would be left out")
    }
  }

  private static func counts(_ fields: [String], isEmptyFine: Bool = false) -> Bool {
    (isEmptyFine || !fields.isEmpty) && fields.enumerated().allSatisfy { $0.element == "\($0.offset)" }
  }

  private static func areWhole(_ fields: [String]) -> Bool { !fields.isEmpty && fields.allSatisfy(TableBody.isWhole) }

  /// Returns whether fields are ascending whole numbers, at least two of them consecutive.
  private static func ascend(_ fields: [String]) -> Bool {
    let numbers = fields.compactMap { Int($0) }
    guard numbers.count == fields.count, areWhole(fields), numbers.count > 1, numbers[0] >= 0 else { return false }
    return zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
      && (numbers.count > 2 || numbers[1] == numbers[0] + 1)
  }

  private static func isHeader(counting names: [String], body: TableBody, skipsFirst: Bool) -> Bool {
    if body.haveAllPoints && (skipsFirst || body.hasFirstColumnPoints) { return names.count > 1 || skipsFirst }
    // A header that counts is above numbers of one kind.
    let continues = body.firstRow.dropFirst(skipsFirst ? 1 : 0).first == Double(names.count)
    return names.count >= 3 && body.rows + 1 != names.count && !continues
  }

  /// Returns whether the fields count from 0 or 1, beginning with that of the first line.
  private static func goesOn(from first: String, to next: Int?) -> Bool {
    next.map { (1...2).contains($0) && first == "\($0 - 1)" } ?? false
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(4).map { String($0.prefix(20)) }.joined(separator: ", ") + (names.count > 4 ? ", …" : "")
  }
}

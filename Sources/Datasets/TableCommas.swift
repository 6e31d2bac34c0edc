extension TableBody {
  /// Refuses commas inside numbers, since decimal commas would double the number of columns and thousands separators
  /// would split numbers.
  func refuseCommas(separator: UInt8?, path: String, notes: Notes) throws(DataError) {
    guard separator == UInt8(ascii: ","), columns > 1 else { return }
    if thousands.arePossible {
      if let proof = thousands.proof {
        throw DataError(
          path: path,
          problem: "holds '\(proof)', which looks like a number with thousands separators; none were expected")
      }
      notes.add(
        """
        \(path): read as \(columns) columns of numbers separated by commas; if the commas separate thousands, remove \
        them
        """
      )
      return
    }
    guard columns % 2 == 0, decimals.arePossible else { return }
    if let proof = decimals.proof {
      throw DataError(
        path: path, problem: "holds '\(proof)', which looks like a decimal comma; a point was expected in numbers")
    }
    if columns == 2 {
      notes.add(
        """
        \(path): read as two columns of whole numbers separated by commas; if these are decimal commas, write decimal \
        points
        """
      )
    }
  }
}

/// Decides whether whole numbers between commas may be the halves of numbers with decimal commas.
struct DecimalCommas {
  /// Whether every second field consists of digits and every other one is a whole number.
  private(set) var arePossible = true
  /// A pair that would be unusual for two whole numbers: `0,05`, `-0,5`, or one with too many digits.
  private(set) var proof: String?

  mutating func look(at fields: [String]) {
    guard arePossible else { return }
    for column in stride(from: 1, to: fields.count, by: 2) {
      let (whole, part) = (fields[column - 1], fields[column])
      guard TableBody.isWhole(whole), TableBody.isWhole(part), part.first != "-", part.first != "+" else {
        arePossible = false
        return
      }
      if proof == nil, part.count > 1 && part.first == "0" || whole == "-0" || part.count > 15 {
        proof = "\(whole),\(part)"
      }
    }
  }
}

/// Decides whether numbers between commas may be groups of larger numbers, as in `1,234.5`.
struct ThousandsCommas {
  /// Whether each first field has one to three digits and is not 0, and each other one has three digits, the last
  /// with an optional fraction.
  private(set) var arePossible = true
  /// Groups of which one begins with a zero, which no program writes before a number: `2,000.5`.
  private(set) var proof: String?

  mutating func look(at fields: [String]) {
    guard arePossible else { return }
    for (place, field) in fields.enumerated() {
      let digits = field.utf8.drop { place == 0 && ($0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")) }
      let group = digits.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      let isLast = place == fields.count - 1
      let isWhole = group.count == digits.count
      let isGroup = place == 0 ? (1...3).contains(group.count) && group.first != UInt8(ascii: "0") : group.count == 3
      guard isGroup, isWhole || (place > 0 && isLast && digits.dropFirst(3).first == UInt8(ascii: ".")) else {
        arePossible = false
        return
      }
      if place > 0, group.first == UInt8(ascii: "0"), proof == nil { proof = fields.joined(separator: ",") }
    }
  }
}

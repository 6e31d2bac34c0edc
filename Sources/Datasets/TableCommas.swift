extension TableBody {
  /// Numbers with commas in them would be taken for several columns: with decimal commas for twice as many, with thousands for one a group.
  func refuseCommas(separator: UInt8?, path: String, notes: Notes) throws(DataError) {
    guard separator == UInt8(ascii: ","), columns > 1 else { return }
    if thousands.arePossible {
      if let proof = thousands.proof {
        throw DataError(path: path, problem: "holds '\(proof)', which looks like a number with thousands separators; none were expected")
      }
      notes.add("\(path): read as \(columns) columns of numbers with commas between; if these separate thousands, leave them out")
      return
    }
    guard columns % 2 == 0, decimals.arePossible else { return }
    if let proof = decimals.proof {
      throw DataError(path: path, problem: "holds '\(proof)', which looks like a decimal comma; a point was expected in numbers")
    }
    if columns == 2 {
      notes.add("\(path): read as two columns of whole numbers with commas between; if these are decimal commas, write points")
    }
  }
}

/// Whether whole numbers between commas may be the halves of numbers with decimal commas.
struct DecimalCommas {
  /// Each second field is digits alone, each other one a whole number.
  private(set) var arePossible = true
  /// A pair that whole numbers are not written as: `0,05`, `-0,5`, or more digits than a number holds.
  private(set) var proof: String?

  mutating func look(at fields: [String]) {
    guard arePossible else { return }
    for column in stride(from: 1, to: fields.count, by: 2) {
      let (whole, part) = (fields[column - 1], fields[column])
      guard TableBody.isWhole(whole), TableBody.isWhole(part), part.first != "-", part.first != "+" else {
        arePossible = false
        return
      }
      if proof == nil, part.count > 1 && part.first == "0" || whole == "-0" || part.count > 15 { proof = "\(whole),\(part)" }
    }
  }
}

/// Whether numbers between commas may be the groups of larger ones, as in `1,234.5`.
struct ThousandsCommas {
  /// Each first field is one to three digits and not 0, each other one three digits; after the last there may be a fraction.
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

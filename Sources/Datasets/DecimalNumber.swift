extension Double {
  /// Reads a number as tables and meshes have it: decimal, nan, or inf.
  ///
  /// The unlabeled initializer also accepts hexadecimal and other C notations, which are texts in data.
  ///
  /// - Parameter text: the number, without spaces around it.
  init?(decimal text: some StringProtocol) {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "e"),
        UInt8(ascii: "E"):
        true
      default: false
      }
    }
    let word = text.drop { $0 == "-" || $0 == "+" }
    guard isPlain || ["nan", "inf", "infinity"].contains(word.lowercased()) else { return nil }
    self.init(String(text))
  }
}

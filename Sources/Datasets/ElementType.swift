import Foundation

/// The encoding of a number in a file.
struct ElementType {
  enum Kind { case signed, unsigned, float, extended }
  let kind: Kind
  let width: Int
  let isBigEndian: Bool

  /// Decodes NumPy's notation of byte order, kind, and width, such as `<f8`.
  init?(_ text: String) {
    guard let order = text.first, "<>|=".contains(order), let letter = text.dropFirst().first,
      let width = Int(text.dropFirst(2))
    else {
      return nil
    }
    switch (letter, width) {
    case ("f", 2), ("f", 4), ("f", 8): kind = .float
    // A long double of x86 has 12 or 16 bytes, of which 10 hold the number.
    case ("f", 12), ("f", 16): kind = .extended
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8), ("b", 1): kind = .unsigned
    default: return nil
    }
    self.width = width
    isBigEndian = order == ">"
  }

  init(_ kind: Kind, width: Int, isBigEndian: Bool) {
    self.kind = kind
    self.width = width
    self.isBigEndian = isBigEndian
  }

  /// Decodes a number; the payload of a NaN is dropped, since it would be printed.
  func value(in bytes: [UInt8], at offset: Int) -> Double {
    let value = storedValue(in: bytes, at: offset)
    return value.isNaN ? .nan : value
  }

  private func storedValue(in bytes: [UInt8], at offset: Int) -> Double {
    let bits = lowBits(in: bytes, at: offset)
    switch kind {
    case .unsigned: return Double(bits)
    case .signed: return Double(Int64(bitPattern: bits << UInt64(64 - 8 * width)) >> Int64(64 - 8 * width))
    case .float where width == 2: return Self.half(bits)
    case .float: return width == 4 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
    case .extended: return Self.extended(bits, top(in: bytes, at: offset)) ?? .nan
    }
  }

  /// The lowest 64 bits of a number.
  private func lowBits(in bytes: [UInt8], at offset: Int) -> UInt64 {
    var bits: UInt64 = 0
    for k in (0..<min(width, 8)).reversed() {
      bits = bits << 8 | UInt64(bytes[offset + (isBigEndian ? width - 1 - k : k)])
    }
    return bits
  }

  /// The sign and exponent of a long double.
  private func top(in bytes: [UInt8], at offset: Int) -> Int {
    isBigEndian
      ? Int(bytes[offset + width - 10]) << 8 | Int(bytes[offset + width - 9])
      : Int(bytes[offset + 9]) << 8 | Int(bytes[offset + 8])
  }

  /// Returns whether the bytes are a number of this type.
  ///
  /// Only long doubles can fail, if another kind of machine wrote them.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - offset: the position of the number.
  /// - Returns: Whether the bytes can be decoded.
  func isNumber(in bytes: [UInt8], at offset: Int) -> Bool {
    guard kind == .extended else { return true }
    return Self.extended(lowBits(in: bytes, at: offset), top(in: bytes, at: offset)) != nil
  }

  /// Decodes a half-precision number, which has a sign, five bits of exponent, and ten of fraction.
  private static func half(_ bits: UInt64) -> Double {
    let (exponent, fraction) = (Int(bits >> 10) & 31, Double(bits & 1023))
    let size =
      switch exponent {
      case 0: scalbn(fraction, -24)
      case 31: fraction == 0 ? Double.infinity : .nan
      default: scalbn(1024 + fraction, exponent - 25)
      }
    return bits >> 15 == 0 ? size : -size
  }

  /// Decodes an 80-bit number to the nearest double from its 64-bit fraction and its sign and exponent.
  private static func extended(_ fraction: UInt64, _ top: Int) -> Double? {
    let exponent = top & 0x7fff
    guard exponent == 0 || fraction >> 63 == 1 else { return nil }
    let size =
      exponent == 0x7fff ? (fraction << 1 == 0 ? Double.infinity : .nan) : scalbn(Double(fraction), exponent - 16_446)
    return top >> 15 == 0 ? size : -size
  }
}

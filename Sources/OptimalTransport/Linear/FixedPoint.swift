/// Fixed-point numbers that represent every sum of costs along a tree exactly.
///
/// A number has `words` 64-bit words in two's complement, the lowest first, in memory that the caller owns. A
/// forbidden pair costs one unit of a digit above all sums of finite costs. Plans are therefore compared first by
/// their mass on forbidden pairs, and then by finite costs.
struct FixedPoint: Sendable {
  typealias Number = UnsafeMutablePointer<UInt64>

  let words: Int
  /// The exponent of the lowest bit.
  let lowest: Int
  /// The position of the digit that counts forbidden pairs.
  let forbiddenBit: Int
  /// 2^(64 (t − 1) + lowest) as a product of two doubles, by the highest nonzero word t.
  private let scales: [(Double, Double)]

  /// Chooses a format for sums of costs.
  ///
  /// - Parameters:
  ///   - costs: the costs whose sums must be exact; infinite costs mark forbidden pairs.
  ///   - terms: the largest number of costs in a sum.
  init(costs: [Double], terms: Int) {
    var (least, largest, hasForbidden) = (UInt64.max, UInt64(0), false)
    for cost in costs {
      // Without their sign, doubles are ordered like their bit patterns.
      let bits = cost.bitPattern & ~(1 << 63)
      if bits == Self.infinity {
        hasForbidden = true
      } else if bits != 0 {
        (least, largest) = (min(least, bits), max(largest, bits))
      }
    }
    if largest == 0 { (least, largest) = ((1.0).bitPattern, (1.0).bitPattern) }
    let lowest = Self.parts(least).exponent
    let finiteBits = Self.parts(largest).exponent + 53 - lowest
    // One bit for the sign, and two for a difference of three numbers and the rounding half.
    let sumBits = Int.bitWidth - terms.leadingZeroBitCount + 3
    self.lowest = lowest
    forbiddenBit = finiteBits + sumBits
    words = (forbiddenBit + (hasForbidden ? sumBits : 0) + 63) / 64
    scales = (0..<words).map { top in
      let exponent = 64 * (top - 1) + lowest
      return (
        Double(sign: .plus, exponent: exponent / 2, significand: 1),
        Double(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
      )
    }
  }

  private static let infinity = Double.infinity.bitPattern

  /// The magnitude of a number as significand · 2^exponent.
  @inline(__always)
  private static func parts(_ bits: UInt64) -> (significand: UInt64, exponent: Int) {
    let exponent = Int(bits >> 52) & 0x7ff
    let fraction = bits & (1 << 52 - 1)
    return exponent == 0 ? (fraction, -1074) : (fraction | 1 << 52, exponent - 1075)
  }

  @inline(__always)
  func isNegative(_ x: Number) -> Bool { x[words - 1] >> 63 == 1 }

  @inline(__always)
  func isLess(_ x: Number, than y: Number) -> Bool {
    let (first, second) = (Int64(bitPattern: x[words - 1]), Int64(bitPattern: y[words - 1]))
    if first != second { return first < second }
    for word in stride(from: words - 2, through: 0, by: -1) where x[word] != y[word] { return x[word] < y[word] }
    return false
  }

  /// Computes x += y, or x −= y.
  @inline(__always)
  func add(_ y: Number, to x: Number, isNegated: Bool = false) {
    var carry: UInt64 = isNegated ? 1 : 0
    for word in 0..<words {
      let (sum, first) = x[word].addingReportingOverflow(isNegated ? ~y[word] : y[word])
      let (total, second) = sum.addingReportingOverflow(carry)
      x[word] = total
      carry = first || second ? 1 : 0
    }
  }

  /// Computes x = −x.
  func negate(_ x: Number) {
    var carry = true
    for word in 0..<words {
      let (sum, overflow) = (~x[word]).addingReportingOverflow(carry ? 1 : 0)
      x[word] = sum
      carry = overflow
    }
  }

  /// Computes x += cost, or x −= cost, where an infinite cost is one unit of the digit of forbidden pairs.
  @inline(__always)
  func add(_ cost: Double, to x: Number, isNegated: Bool = false) {
    let bits = cost.bitPattern & ~(1 << 63)
    if bits == 0 { return }
    let isMinus = (cost < 0) != isNegated
    if bits == Self.infinity { return add(1, at: forbiddenBit, to: x, isMinus: isMinus) }
    let (significand, exponent) = Self.parts(bits)
    add(significand, at: exponent - lowest, to: x, isMinus: isMinus)
  }

  /// Computes x ± digit · 2^bit.
  @inline(__always)
  func add(_ digit: UInt64, at bit: Int, to x: Number, isMinus: Bool) {
    let (first, shift) = (bit >> 6, UInt64(bit & 63))
    let low = digit << shift
    let high = shift == 0 ? 0 : digit >> (64 - shift)
    var carry = false
    for word in first..<words {
      let part = word == first ? low : word == first + 1 ? high : 0
      if word > first + 1 && !carry { return }
      let (sum, overflow) = isMinus ? x[word].subtractingReportingOverflow(part) : x[word].addingReportingOverflow(part)
      let unit: UInt64 = carry ? 1 : 0
      let (total, second) = isMinus ? sum.subtractingReportingOverflow(unit) : sum.addingReportingOverflow(unit)
      x[word] = total
      carry = overflow || second
    }
  }

  /// The number in double precision, rounded within one unit in the last place.
  @inline(__always)
  func double(_ x: Number) -> Double {
    let isMinus = isNegative(x)
    // The two highest words of the magnitude: below the lowest nonzero word, two's complement needs no carry.
    var carry = isMinus
    var (top, high, low) = (0, UInt64(0), UInt64(0))
    var below: UInt64 = 0
    for word in 0..<words {
      var value = x[word]
      if isMinus {
        let (sum, overflow) = (~value).addingReportingOverflow(carry ? 1 : 0)
        (value, carry) = (sum, overflow)
      }
      if value != 0 { (top, high, low) = (word, value, below) }
      below = value
    }
    let value = Double(high) * 0x1p64 + (top > 0 ? Double(low) : 0)
    let magnitude = value * scales[top].0 * scales[top].1
    return isMinus ? -magnitude : magnitude
  }
}

/// Whole multiples of a power of two, wide enough that every sum of costs along a tree is exact: `words` words of 64 bits, the lowest first, in
/// two's complement. The numbers themselves lie wherever the caller keeps them.
///
/// A forbidden pair costs one unit of a digit above all sums of finite costs, so that plans are compared by what they leave on forbidden pairs
/// first, and by the finite costs after that.
struct FixedPoint: Sendable {
  typealias Number = UnsafeMutablePointer<UInt64>

  let words: Int
  /// The exponent of the lowest bit.
  let lowest: Int
  /// The place of the digit that counts forbidden pairs.
  let forbiddenBit: Int
  /// 2^(64 (t − 1) + lowest) as a product of two numbers, by the highest word t that is not zero.
  private let scales: [(Double, Double)]

  /// - Parameters:
  ///   - costs: whose sums are to be exact; infinite ones are forbidden pairs.
  ///   - terms: the most costs in a sum.
  init(costs: [Double], terms: Int) {
    var (least, largest, hasForbidden) = (UInt64.max, UInt64(0), false)
    for cost in costs {
      // Without their sign, numbers are in the order of their bits.
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
    // A bit for the sign, and two for a difference of three numbers and the half that rounds it.
    let sumBits = Int.bitWidth - terms.leadingZeroBitCount + 3
    self.lowest = lowest
    forbiddenBit = finiteBits + sumBits
    words = (forbiddenBit + (hasForbidden ? sumBits : 0) + 63) / 64
    scales = (0..<words).map { top in
      let exponent = 64 * (top - 1) + lowest
      return (
        Double(sign: .plus, exponent: exponent / 2, significand: 1), Double(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
      )
    }
  }

  private static let infinity = Double.infinity.bitPattern

  /// A number without its sign as significand · 2^exponent.
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

  /// x += y, or x −= y.
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

  /// x = −x.
  func negate(_ x: Number) {
    var carry = true
    for word in 0..<words {
      let (sum, overflow) = (~x[word]).addingReportingOverflow(carry ? 1 : 0)
      x[word] = sum
      carry = overflow
    }
  }

  /// x += cost, or x −= cost, where an infinite cost is a unit of the digit of forbidden pairs.
  @inline(__always)
  func add(_ cost: Double, to x: Number, isNegated: Bool = false) {
    let bits = cost.bitPattern & ~(1 << 63)
    if bits == 0 { return }
    let isMinus = (cost < 0) != isNegated
    if bits == Self.infinity { return add(1, at: forbiddenBit, to: x, isMinus: isMinus) }
    let (significand, exponent) = Self.parts(bits)
    add(significand, at: exponent - lowest, to: x, isMinus: isMinus)
  }

  /// x ± digit · 2^bit.
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

  /// The number, rounded to double precision within a unit of its last place.
  @inline(__always)
  func double(_ x: Number) -> Double {
    let isMinus = isNegative(x)
    // The magnitude's two highest words: below the lowest word that is not zero, the complement is plain.
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

import Glibc

/// The xoshiro256★★ pseudo-random generator (Blackman and Vigna, 2021, DOI 10.1145/3460772), seeded through
/// SplitMix64.
///
/// The same seed and stream give the same numbers on every machine and in every version. All distributions below are
/// implemented here, because those of the standard library may change between releases.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Double?

  /// Creates a generator.
  ///
  /// - Parameters:
  ///   - seed: any number.
  ///   - stream: a name for what is drawn, so that independent parts of an experiment draw independent numbers from
  ///     the same seed.
  public init(seed: UInt64, stream: String = "") {
    var mixer = seed
    for byte in stream.utf8 { mixer = Self.splitMix(&mixer) ^ UInt64(byte) }
    state = (Self.splitMix(&mixer), Self.splitMix(&mixer), Self.splitMix(&mixer), Self.splitMix(&mixer))
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Returns the next 64 random bits.
  public mutating func next() -> UInt64 {
    let scrambled = state.1 &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// Returns a uniform number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns a uniform number in [range.lowerBound, range.upperBound).
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// Returns a uniform integer in 0..<bound, by rejection sampling; `bound` must be positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "the bound must be positive, not \(bound)")
    let bound = UInt64(bound)
    let limit = UInt64.max - UInt64.max % bound
    var draw = next()
    while draw >= limit { draw = next() }
    return Int(draw % bound)
  }

  /// Returns a standard normal number, by Marsaglia's polar method.
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spareNormal = y * factor
      return x * factor
    }
  }

  /// Returns a uniformly random permutation of 0..<count (Fisher–Yates shuffle).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(below: last + 1)) }
    return order
  }
}

import LinearAlgebra

/// The weights of both sides as integers with equal sums of about 2⁶⁰.
///
/// Weights in integer proportions, such as equal weights, keep these exactly, and equal weights become equal integers
/// on both sides. Otherwise rounding remainders would have to be transported at any cost.
struct WholeMasses: Sendable, Equatable {
  let source: [Int]
  let target: [Int]
  /// The sum of each side.
  let total: Int

  /// Converts weights whose sums are equal up to rounding.
  init(_ source: [Double], _ target: [Double]) {
    if let exact = Self.exact(source, target) {
      self = exact
    } else {
      let masses = Self.rounded(source, target)
      let sums = masses.map { $0.reduce(0, +) }
      total = max(sums[0], sums[1])
      self.source = Self.filled(masses[0], by: total - sums[0])
      self.target = Self.filled(masses[1], by: total - sums[1])
    }
  }

  private init(source: [Int], target: [Int], total: Int) {
    (self.source, self.target, self.total) = (source, target, total)
  }

  private static func rounded(_ source: [Double], _ target: [Double]) -> [[Int]] {
    // Dividing by the largest weight first avoids overflow and underflow for weights near the ends of the range.
    let largest = source.max() ?? 1
    let factor = 0x1p60 / compensatedSum(source.map { $0 / largest })
    return [source, target].map { $0.map { Int(($0 / largest * factor).rounded()) } }
  }

  /// Adds a rounding remainder to the largest mass.
  private static func filled(_ masses: [Int], by rest: Int) -> [Int] {
    var result = masses
    if let position = masses.indices.max(by: { masses[$0] < masses[$1] }) { result[position] += rest }
    return result
  }

  private static func exact(_ source: [Double], _ target: [Double]) -> WholeMasses? {
    guard let a = proportions(source), let b = proportions(target) else { return nil }
    let sums = (a.reduce(0, +), b.reduce(0, +))
    let common = sums.0 / greatestCommonDivisor(sums.0, sums.1) * sums.1
    guard common <= 1 << 52 else { return nil }
    let total = (1 << 60) / common * common
    return WholeMasses(source: a.map { $0 * (total / sums.0) }, target: b.map { $0 * (total / sums.1) }, total: total)
  }

  /// Small integers in the proportions of the weights, up to rounding; nil if there are none.
  private static func proportions(_ weights: [Double]) -> [Int]? {
    guard let largest = weights.max(), largest > 0, weights.count < 1 << 20 else { return nil }
    let shares = weights.map { $0 / largest }
    for units in 1...1000 {
      let isWhole = shares.allSatisfy {
        let wanted = $0 * Double(units)
        return abs(wanted - wanted.rounded()) <= 0x1p-50 * wanted
      }
      if isWhole { return shares.map { Int(($0 * Double(units)).rounded()) } }
    }
    return nil
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

  /// Whether a flow between two points is only rounding error of their weights, left over for forbidden or extremely
  /// expensive pairs.
  func isRounding(_ flow: Int, _ row: Int, _ column: Int) -> Bool {
    flow <= 1 << 10 && flow <= min(source[row], target[column]) >> 40
  }
}

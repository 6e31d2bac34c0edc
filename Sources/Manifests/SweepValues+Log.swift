import Documents
import Foundation

extension SweepValues {
  /// Returns the values of `log(first, last, count)`.
  static func logarithmic(_ arguments: [Value], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    let numbers = arguments.compactMap(\.number)
    guard numbers.count == 3, numbers[0] > 0, numbers[1] > 0, numbers[2] >= 2, numbers[2] == numbers[2].rounded() else {
      throw DocumentError(
        place: place, problem: "'\(text)' is not log(first, last, count) with positive ends and a count of at least 2")
    }
    guard numbers[2] <= Double(Sweep.pointLimit) else { throw tooMany(text, at: place) }
    let count = Int(numbers[2])
    let (first, last) = (log(numbers[0]), log(numbers[1]))
    let ends = min(numbers[0], numbers[1])...max(numbers[0], numbers[1])
    let points = (0..<count).map { index -> Value in
      if index == 0 { return arguments[0] }
      if index == count - 1 { return arguments[1] }
      if let start = arguments[0].integer, let end = arguments[1].integer,
        let whole = geometricMean(of: start, end, part: index, of: count - 1)
      {
        return .integer(whole)
      }
      let point = exp(first + (last - first) * Double(index) / Double(count - 1))
      return .number(min(max(point, ends.lowerBound), ends.upperBound))
    }
    let short = points.enumerated().map { index, point -> Value in
      guard case .number(let number) = point, index > 0, index < count - 1 else { return point }
      return .number(rounded(number, digits: 6))
    }
    let shown = short.compactMap(\.number)
    return Set(shown).count == count && shown.allSatisfy(ends.contains) ? short : points
  }

  /// Returns the whole number w with w^parts = first^(parts − part) · last^part, or nil if there is none.
  ///
  /// With the fraction reduced and the common divisor removed, both ends are powers with exponent `parts`, and w is
  /// the product of powers of their roots.
  ///
  /// - Parameters:
  ///   - first: the first number of the progression.
  ///   - last: the last number.
  ///   - part: the index of w.
  ///   - parts: the number of steps.
  /// - Returns: The whole number w.
  private static func geometricMean(of first: Int, _ last: Int, part: Int, of parts: Int) -> Int? {
    let shared = commonDivisor(part, parts)
    let (part, parts) = (part / shared, parts / shared)
    let divisor = commonDivisor(first, last)
    guard let a = root(of: first / divisor, parts), let b = root(of: last / divisor, parts) else { return nil }
    // w lies between the two ends, so nothing overflows.
    return [(a, parts - part), (b, part)].reduce(divisor) { $0 * (power($1.0, $1.1) ?? 1) }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

  /// Returns the positive whole root of a number, or nil if the root is not whole.
  private static func root(of number: Int, _ degree: Int) -> Int? {
    let near = Int(pow(Double(number), 1 / Double(degree)).rounded())
    return [near, near - 1, near + 1].first { power($0, degree) == number }
  }

  /// Returns a power, or nil if it exceeds the largest integer.
  private static func power(_ base: Int, _ exponent: Int) -> Int? {
    guard base > 1 else { return base == 1 ? 1 : nil }
    var result = 1
    for _ in 0..<exponent {
      let (product, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return nil }
      result = product
    }
    return result
  }
}

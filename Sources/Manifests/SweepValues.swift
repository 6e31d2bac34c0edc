import Documents
import Foundation

/// The values of a sweep's axis: a list, or a rule that makes one.
///
/// - `log(first, last, count)`: count numbers in geometric progression, both ends included;
/// - `range(first, last)` and `range(first, last, step)`: an arithmetic progression, both ends included.
///
/// Between whole numbers a range is exact, and what is whole of a log is a whole number. Other numbers are what decimal arithmetic gives in a range, so
/// that range(0, 1, 0.1) holds the same 0.3 as a list does, and rounded to six significant digits in a log, so that labels stay short.
enum SweepValues {
  static func isRule(_ text: String) -> Bool { text.hasPrefix("log(") || text.hasPrefix("range(") }

  static func read(_ node: Node) throws(DocumentError) -> [Node] {
    if case .sequence(let nodes) = node.content {
      guard !nodes.isEmpty else { throw DocumentError(place: node.place, problem: "the list of values is empty") }
      return nodes
    }
    if let text = node.value.string, isRule(text), !text.hasSuffix(")") {
      throw DocumentError(
        place: node.place, problem: "'\(text)' ends at a comma, as YAML reads it inside of { }; put it in quotes, or on a line of its own")
    }
    guard let text = node.value.string, isRule(text), let open = text.firstIndex(of: "(") else {
      throw DocumentError(
        place: node.place,
        problem: "the values are \(node.kindName), but a list, log(first, last, count) or range(first, last[, step]) was expected")
    }
    let arguments = try Node(yaml: "[\(text[text.index(after: open)...].dropLast())]", option: text).value.array ?? []
    guard arguments.allSatisfy({ $0.string == nil && $0.number?.isFinite == true }) else {
      throw DocumentError(place: node.place, problem: "'\(text)' holds something that is not a finite number")
    }
    let values = try text.hasPrefix("log(") ? logarithmic(arguments, text, at: node.place) : range(arguments, text, at: node.place)
    return values.map { Node($0, at: node.place) }
  }

  private static func logarithmic(_ arguments: [Value], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    let numbers = arguments.compactMap(\.number)
    guard numbers.count == 3, numbers[0] > 0, numbers[1] > 0, let count = Int(exactly: numbers[2]), (2...Sweep.pointLimit).contains(count)
    else {
      throw DocumentError(place: place, problem: "'\(text)' is not log(first, last, count) with positive ends and a count of at least 2")
    }
    let (first, last) = (log(numbers[0]), log(numbers[1]))
    return (0..<count).map { index in
      if index == 0 { return arguments[0] }
      if index == count - 1 { return arguments[1] }
      if let start = arguments[0].integer, let end = arguments[1].integer,
        let whole = geometricMean(of: start, end, part: index, of: count - 1)
      {
        return .integer(whole)
      }
      return .number(rounded(exp(first + (last - first) * Double(index) / Double(count - 1)), digits: 6))
    }
  }

  /// The whole number w with w^parts = first^(parts − part) · last^part; nil when there is none.
  ///
  /// With the fraction reduced and the common divisor taken out, both ends are powers with the exponent `parts` then, and w is made of their roots.
  private static func geometricMean(of first: Int, _ last: Int, part: Int, of parts: Int) -> Int? {
    let shared = commonDivisor(part, parts)
    let (part, parts) = (part / shared, parts / shared)
    let divisor = commonDivisor(first, last)
    guard let a = root(of: first / divisor, parts), let b = root(of: last / divisor, parts) else { return nil }
    // Between the two ends, so that nothing overflows.
    return [(a, parts - part), (b, part)].reduce(divisor) { $0 * (power($1.0, $1.1) ?? 1) }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

  /// The whole number whose power a positive one is; nil when there is none.
  private static func root(of number: Int, _ degree: Int) -> Int? {
    let near = Int(pow(Double(number), 1 / Double(degree)).rounded())
    return [near, near - 1, near + 1].first { power($0, degree) == number }
  }

  /// Nil when it is more than a machine counts to.
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

  private static func range(_ arguments: [Value], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    let numbers = arguments.compactMap(\.number)
    let integers = arguments.compactMap(\.integer)
    let values: [Value]? =
      if !(2...3).contains(arguments.count) {
        nil
      } else if integers.count == arguments.count {
        progression(from: integers[0], to: integers[1], step: integers.count == 3 ? integers[2] : 1)?.map(Value.integer)
      } else {
        progression(from: numbers[0], to: numbers[1], step: numbers.count == 3 ? numbers[2] : 1)?.map(Value.number)
      }
    guard let values else {
      throw DocumentError(place: place, problem: "'\(text)' is not range(first, last[, step]) with a step that leads from first to last")
    }
    return values
  }

  /// Nil when the step does not lead to the last number, or makes too many.
  private static func progression(from first: Int, to last: Int, step: Int) -> [Int]? {
    guard step != 0, first == last || (first < last) == (step > 0) else { return nil }
    // The distance of any two whole numbers fits without its sign.
    let distance = UInt(bitPattern: max(first, last) &- min(first, last))
    let steps = distance / step.magnitude
    return steps < UInt(Sweep.pointLimit) ? (0...Int(steps)).map { first &+ $0 &* step } : nil
  }

  private static func progression(from first: Double, to last: Double, step: Double) -> [Double]? {
    guard step != 0 else { return nil }
    let (start, end, stride) = (Decimal(string: "\(first)"), Decimal(string: "\(last)"), Decimal(string: "\(step)"))
    var ratio = (last - first) / step
    // The difference of two near numbers has few digits left.
    if let start, let end, let stride, stride != 0, let exact = Double("\((end - start) / stride)"),
      abs(exact - ratio) <= 1e-3 * max(1, abs(ratio))
    {
      ratio = exact
    }
    let steps = (ratio + 1e-9).rounded(.down)
    guard steps >= 0, steps < Double(Sweep.pointLimit) else { return nil }
    return (0...Int(steps)).map { index in
      let value = first + Double(index) * step
      // Decimals hold 38 digits, but no very small and no very large numbers.
      guard let start, let stride, let exact = Double("\(start + Decimal(index) * stride)"), abs(exact - value) <= 1e-3 * abs(step) else {
        return rounded(value, digits: 12)
      }
      return exact
    }
  }

  private static func rounded(_ value: Double, digits: Int) -> Double { Double(String(format: "%.\(digits)g", value)) ?? value }
}

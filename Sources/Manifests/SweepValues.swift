import Documents
import Foundation
import YAML

/// The values of an axis of a sweep: a list, or a rule that generates one.
///
/// - `log(first, last, count)`: numbers in geometric progression, both ends included.
/// - `range(first, last)` and `range(first, last, step)`: numbers in arithmetic progression, both ends included.
///
/// Ranges of whole numbers are exact, and whole elements of a geometric progression are whole numbers. Other numbers
/// of a range are those of decimal arithmetic, so that `range(0, 1, 0.1)` has the same 0.3 as a list. The inner
/// numbers of `log` are rounded to six significant digits, which keeps labels short, unless rounding would make two
/// of them equal or move one past an end.
enum SweepValues {
  /// The rules in words, for help texts and the schema.
  static let about = """
    a list, log(first, last, count) or range(first, last[, step]); the inner values of log are rounded to six \
    significant digits if they stay distinct and between the ends; at most \(Sweep.pointLimit) values
    """

  static func isRule(_ text: String) -> Bool { text.hasPrefix("log(") || text.hasPrefix("range(") }

  static func read(_ node: Node) throws(DocumentError) -> [Node] {
    if case .sequence(let nodes) = node.content {
      guard !nodes.isEmpty else { throw DocumentError(place: node.place, problem: "the list of values is empty") }
      return nodes
    }
    if let text = node.value.string, isRule(text), !text.hasSuffix(")") {
      throw DocumentError(
        place: node.place,
        problem: "'\(text)' ends at a comma, as YAML reads it inside { }; put it in quotes, or on a line of its own")
    }
    guard let text = node.value.string, isRule(text), let open = text.firstIndex(of: "(") else {
      throw DocumentError(
        place: node.place,
        problem:
          """
          the values are \(node.kindName), but a list, log(first, last, count) or range(first, last[, step]) was \
          expected
          """
      )
    }
    let arguments = try Node(yaml: "[\(text[text.index(after: open)...].dropLast())]", option: text).value.array ?? []
    guard arguments.allSatisfy({ $0.string == nil && $0.number?.isFinite == true }) else {
      throw DocumentError(place: node.place, problem: "'\(text)' contains something other than finite numbers")
    }
    let values =
      try text.hasPrefix("log(") ? logarithmic(arguments, text, at: node.place) : range(arguments, text, at: node.place)
    return values.map { Node($0, at: node.place) }
  }

  static func tooMany(_ text: String, at place: Place) -> DocumentError {
    DocumentError(
      place: place, problem: "'\(text)' has more than \(Sweep.pointLimit) values, the most that a sweep may have")
  }

  private static func range(_ arguments: [Value], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    let numbers = arguments.compactMap(\.number)
    let integers = arguments.compactMap(\.integer)
    do throws(Obstacle) {
      guard (2...3).contains(arguments.count) else { throw .leadsNowhere }
      if integers.count == arguments.count {
        return try progression(from: integers[0], to: integers[1], step: integers.count == 3 ? integers[2] : 1).map(
          Value.integer)
      }
      return try progression(from: numbers[0], to: numbers[1], step: numbers.count == 3 ? numbers[2] : 1).map(
        Value.number)
    } catch {
      if error == .isTooLong { throw tooMany(text, at: place) }
      throw DocumentError(
        place: place,
        problem: "'\(text)' is not range(first, last[, step]) with a step in the direction from first to last")
    }
  }

  private enum Obstacle: Error { case leadsNowhere, isTooLong }

  private static func progression(from first: Int, to last: Int, step: Int) throws(Obstacle) -> [Int] {
    guard step != 0, first == last || (first < last) == (step > 0) else { throw .leadsNowhere }
    // The unsigned distance of any two whole numbers fits.
    let distance = UInt(bitPattern: max(first, last) &- min(first, last))
    let steps = distance / step.magnitude
    guard steps < UInt(Sweep.pointLimit) else { throw .isTooLong }
    return (0...Int(steps)).map { first &+ $0 &* step }
  }

  private static func progression(from first: Double, to last: Double, step: Double) throws(Obstacle) -> [Double] {
    guard step != 0 else { throw .leadsNowhere }
    let (start, end, stride) = (Decimal(string: "\(first)"), Decimal(string: "\(last)"), Decimal(string: "\(step)"))
    var ratio = (last - first) / step
    // Subtracting nearly equal doubles would lose digits.
    if let start, let end, let stride, stride != 0, let exact = Double("\((end - start) / stride)"),
      abs(exact - ratio) <= 1e-3 * max(1, abs(ratio))
    {
      ratio = exact
    }
    let steps = (ratio + 1e-9).rounded(.down)
    guard steps >= 0 else { throw .leadsNowhere }
    guard steps < Double(Sweep.pointLimit) else { throw .isTooLong }
    return (0...Int(steps)).map { index in
      let value = first + Double(index) * step
      // Decimals hold 38 digits, but neither very small nor very large numbers.
      guard let start, let stride, let exact = Double("\(start + Decimal(index) * stride)"),
        abs(exact - value) <= 1e-3 * abs(step)
      else {
        return rounded(value, digits: 12)
      }
      return exact
    }
  }

  static func rounded(_ value: Double, digits: Int) -> Double { Double(String(format: "%.\(digits)g", value)) ?? value }
}

import Documents
import Foundation

/// The values of a sweep's axis: a list, or a rule that makes one.
///
/// - `log(first, last, count)`: count numbers in geometric progression, both ends included;
/// - `range(first, last)` and `range(first, last, step)`: an arithmetic progression, both ends included; whole numbers stay whole.
///
/// Numbers between the ends are rounded, so that log(1e-4, 1e-1, 4) holds the same 0.001 as a list does and labels stay short: to six
/// significant digits in log, to twelve in range.
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
    let numbers = arguments.compactMap(\.number).filter(\.isFinite)
    guard numbers.count == arguments.count else {
      throw DocumentError(place: node.place, problem: "'\(text)' holds something that is not a finite number")
    }
    let values = try text.hasPrefix("log(") ? logarithmic(numbers, text, at: node.place) : range(arguments, text, at: node.place)
    return values.map { Node($0, at: node.place) }
  }

  private static func logarithmic(_ numbers: [Double], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    guard numbers.count == 3, numbers[0] > 0, numbers[1] > 0, let count = Int(exactly: numbers[2]), (2...Sweep.pointLimit).contains(count)
    else {
      throw DocumentError(place: place, problem: "'\(text)' is not log(first, last, count) with positive ends and a count of at least 2")
    }
    let (first, last) = (log(numbers[0]), log(numbers[1]))
    return (0..<count).map { index in
      if index == 0 { return .number(numbers[0]) }
      if index == count - 1 { return .number(numbers[1]) }
      return .number(rounded(exp(first + (last - first) * Double(index) / Double(count - 1)), digits: 6))
    }
  }

  private static func range(_ arguments: [Value], _ text: String, at place: Place) throws(DocumentError) -> [Value] {
    let numbers = arguments.compactMap(\.number)
    let problem = "'\(text)' is not range(first, last[, step]) with a step that leads from first to last"
    guard (2...3).contains(numbers.count) else { throw DocumentError(place: place, problem: problem) }
    let step = numbers.count == 3 ? numbers[2] : 1
    let count = ((numbers[1] - numbers[0]) / step + 1e-9).rounded(.down) + 1
    guard step != 0, count >= 1, count <= Double(Sweep.pointLimit) else { throw DocumentError(place: place, problem: problem) }
    let isWhole = arguments.allSatisfy { $0.integer != nil }
    return (0..<Int(count)).map { index in
      let value = rounded(numbers[0] + Double(index) * step, digits: 12)
      return isWhole ? .integer(Int(value)) : .number(value)
    }
  }

  private static func rounded(_ value: Double, digits: Int) -> Double { Double(String(format: "%.\(digits)g", value)) ?? value }
}

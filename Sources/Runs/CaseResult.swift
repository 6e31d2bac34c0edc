import Documents
import Manifests
import Support

/// The finished repetitions of one row, with means, standard deviations, and a common status.
public struct CaseResult: Sendable {
  /// The label of the row.
  public let label: String
  /// The cells of the row: those that the manifest gives, and the parameters by their paths.
  public let row: [String: Value]
  /// The paper's numbers by metric.
  public let published: [String: Double]
  /// The finished repetitions, at most `expected`.
  public let runs: [FinishedRun]
  /// The number of repetitions that the manifest asks for.
  public let expected: Int

  /// Creates the result of a row.
  public init(
    label: String, row: [String: Value] = [:], published: [String: Double] = [:], runs: [FinishedRun], expected: Int
  ) {
    self.label = label
    self.row = row
    self.published = published
    self.runs = runs
    self.expected = expected
  }

  /// Whether all repetitions are finished.
  public var isComplete: Bool { runs.count == expected }

  /// The number of repetitions that did not converge.
  public var unconverged: Int { runs.count { !$0.isConverged } }

  /// Returns what the row shows under a key; nil if it has nothing.
  public func cell(_ key: String) -> Value? {
    if let value = row[key] { return value }
    if key == "case" { return .string(label) }
    return key.split(separator: ".").reduce(runs.first?.record.identity.document) { $0?[String($1)] }
  }

  /// Returns whether the row has these cells; 1 and 1.0 are equal.
  public func fits(_ filter: [String: Value]) -> Bool {
    filter.allSatisfy { key, value in
      guard let cell = cell(key) else { return false }
      return cell == value
        || cell.string == nil && value.string == nil && cell.number != nil && cell.number == value.number
    }
  }

  /// Summarizes a metric over the repetitions.
  ///
  /// - Parameter metric: the name of the metric.
  /// - Returns: The mean of numbers, whether all Booleans are true, or the common text; for a single run its value.
  ///   Nil if a repetition is missing or lacks the metric.
  public func value(of metric: String) -> Value? {
    let values = runs.compactMap { $0.metrics[metric] }
    guard isComplete, let first = values.first, values.count == expected else { return nil }
    if values.count == 1 || values.allSatisfy({ $0 == first }) { return first }
    let numbers = values.compactMap(\.number)
    if numbers.count == values.count { return .number(numbers.mean) }
    let flags = values.compactMap(\.bool)
    if flags.count == values.count { return .bool(flags.allSatisfy { $0 }) }
    let counts = Dictionary(grouping: values.map(\.text)) { $0 }.mapValues(\.count)
    return .string(
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
  }

  /// Returns the sample standard deviation of a metric over at least two repetitions, exactly 0 if all have the same
  /// value.
  public func deviation(of metric: String) -> Double? {
    let numbers = runs.compactMap { $0.metrics[metric]?.number }
    guard isComplete, numbers.count == expected, numbers.count > 1 else { return nil }
    return Set(numbers).count == 1 ? 0 : numbers.standardDeviation(.sample)
  }
}

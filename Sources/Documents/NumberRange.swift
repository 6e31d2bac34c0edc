/// A range of numbers that defines a check, its error message, and its JSON Schema at once.
public struct NumberRange: Equatable, Sendable {
  private struct End: Equatable, Sendable {
    let value: Double
    let isIncluded: Bool

    /// The end of the range as errors write it.
    var text: String {
      value == .pi ? "π" : Int(exactly: value).map(String.init) ?? "\(value)"
    }
  }

  private var lower: End?
  private var upper: End?
  /// Whether ∞ is accepted as well; JSON writes it as the text "inf".
  private var isOpenToInfinity = false

  /// All numbers except ±∞ and NaN.
  public static let finite = NumberRange()
  /// All finite numbers greater than 0.
  public static let positive = NumberRange(lower: End(value: 0, isIncluded: false))
  /// All finite numbers greater than or equal to 0.
  public static let notNegative = NumberRange(lower: End(value: 0, isIncluded: true))
  /// All numbers greater than 0, including ∞.
  public static let positiveOrInfinite = NumberRange(lower: positive.lower, isOpenToInfinity: true)
  /// All numbers greater than or equal to 0, including ∞.
  public static let notNegativeOrInfinite = NumberRange(lower: notNegative.lower, isOpenToInfinity: true)

  /// The closed range from `lower` to `upper`.
  public static func from(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: true), upper: End(value: upper, isIncluded: true))
  }

  /// The half-open range that includes `lower` and excludes `upper`.
  public static func from(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: true), upper: End(value: upper, isIncluded: false))
  }

  /// The half-open range that excludes `lower` and includes `upper`.
  public static func above(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: false), upper: End(value: upper, isIncluded: true))
  }

  /// The open range between `lower` and `upper`.
  public static func between(_ lower: Double, _ upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: false), upper: End(value: upper, isIncluded: false))
  }

  /// Returns whether a number lies in the range; NaN never does.
  public func contains(_ number: Double) -> Bool {
    guard number.isFinite else { return isOpenToInfinity && number == .infinity }
    if let lower, number < lower.value || (number == lower.value && !lower.isIncluded) { return false }
    if let upper, number > upper.value || (number == upper.value && !upper.isIncluded) { return false }
    return true
  }

  /// What is expected, as errors say it.
  var expected: String {
    guard let lower else { return "a finite number" }
    guard let upper else {
      return switch (lower.isIncluded, isOpenToInfinity) {
      case (true, true): "a number from 0 to inf"
      case (true, false): "a number that is not negative"
      case (false, true): "a positive number or .inf"
      case (false, false): "a positive number"
      }
    }
    return switch (lower.isIncluded, upper.isIncluded) {
    case (true, true): "a number from \(lower.text) to \(upper.text)"
    case (true, false): "a number from \(lower.text) to below \(upper.text)"
    case (false, true): "a number above \(lower.text), at most \(upper.text)"
    case (false, false): "a number between \(lower.text) and \(upper.text)"
    }
  }

  /// The range as members of a JSON Schema.
  public var schema: [String: Value] {
    // JSON has no number for YAML's .inf.
    var schema: [String: Value] =
      isOpenToInfinity ? ["type": ["number", "string"], "pattern": "^inf$"] : ["type": "number"]
    if let lower { schema[lower.isIncluded ? "minimum" : "exclusiveMinimum"] = Self.bound(lower) }
    if let upper { schema[upper.isIncluded ? "maximum" : "exclusiveMaximum"] = Self.bound(upper) }
    return schema
  }

  private static func bound(_ end: End) -> Value { Int(exactly: end.value).map(Value.integer) ?? .number(end.value) }
}

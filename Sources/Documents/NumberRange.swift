/// Which numbers a reader takes: said once, for its check, its sentence and the schema.
public struct NumberRange: Equatable, Sendable {
  private struct End: Equatable, Sendable {
    let value: Double
    let isIncluded: Bool

    /// As a sentence writes it.
    var text: String {
      value == .pi ? "π" : Int(exactly: value).map(String.init) ?? "\(value)"
    }
  }

  private var lower: End?
  private var upper: End?
  /// Whether ∞ is taken as well; JSON writes it as "inf".
  private var isOpenToInfinity = false

  public static let finite = NumberRange()
  public static let positive = NumberRange(lower: End(value: 0, isIncluded: false))
  public static let notNegative = NumberRange(lower: End(value: 0, isIncluded: true))
  public static let positiveOrInfinite = NumberRange(lower: positive.lower, isOpenToInfinity: true)
  public static let notNegativeOrInfinite = NumberRange(lower: notNegative.lower, isOpenToInfinity: true)

  /// Both ends belong to it.
  public static func from(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: true), upper: End(value: upper, isIncluded: true))
  }

  public static func from(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: true), upper: End(value: upper, isIncluded: false))
  }

  public static func above(_ lower: Double, to upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: false), upper: End(value: upper, isIncluded: true))
  }

  /// Neither end belongs to it.
  public static func between(_ lower: Double, _ upper: Double) -> NumberRange {
    NumberRange(lower: End(value: lower, isIncluded: false), upper: End(value: upper, isIncluded: false))
  }

  public func contains(_ number: Double) -> Bool {
    guard number.isFinite else { return isOpenToInfinity && number == .infinity }
    if let lower, number < lower.value || (number == lower.value && !lower.isIncluded) { return false }
    if let upper, number > upper.value || (number == upper.value && !upper.isIncluded) { return false }
    return true
  }

  /// What is expected, for a sentence.
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

  /// The range as JSON Schema says it.
  public var schema: [String: Value] {
    // YAML's .inf is no number in JSON's sense.
    var schema: [String: Value] = isOpenToInfinity ? ["type": ["number", "string"], "pattern": "^inf$"] : ["type": "number"]
    if let lower { schema[lower.isIncluded ? "minimum" : "exclusiveMinimum"] = Self.bound(lower) }
    if let upper { schema[upper.isIncluded ? "maximum" : "exclusiveMaximum"] = Self.bound(upper) }
    return schema
  }

  private static func bound(_ end: End) -> Value { Int(exactly: end.value).map(Value.integer) ?? .number(end.value) }
}

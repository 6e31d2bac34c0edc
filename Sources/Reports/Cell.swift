import Documents

/// What stands in one place of a table.
public enum Cell: Sendable, Equatable {
  case text(String)
  /// A number with its digits after the point, and its spread where runs are repeated. `isFlagged` marks what did not converge.
  case number(Double, digits: Int, spread: Spread? = nil, isFlagged: Bool = false)
  /// A difference, always with its sign.
  case difference(Double, digits: Int)
  /// Nothing to show.
  case empty

  /// How repetitions differ.
  public struct Spread: Sendable, Equatable {
    /// The sample standard deviation.
    public let deviation: Double
    public let repetitions: Int

    public init(deviation: Double, repetitions: Int) {
      self.deviation = deviation
      self.repetitions = repetitions
    }

    /// A standard deviation of 0 would speak of a sample that agrees, where nothing was drawn that could differ. What differs by rounding is equal.
    func text(around mean: Double, digits: Int) -> String {
      deviation <= 1e-12 * abs(mean) ? " (all \(repetitions) equal)" : " ± " + fixed(deviation, digits: digits)
    }
  }

  /// The mark of a value whose run, or one of whose runs, did not converge.
  static let flag = "†"

  /// The cell as people read it.
  public var text: String {
    switch self {
    case .text(let text): text
    case .number(let number, let digits, let spread, let isFlagged):
      fixed(number, digits: digits) + (spread?.text(around: number, digits: digits) ?? "") + (isFlagged ? Self.flag : "")
    case .difference(let number, let digits):
      number > 0 && !fixed(number, digits: digits).allSatisfy { "0.".contains($0) }
        ? "+" + fixed(number, digits: digits) : fixed(number, digits: digits)
    case .empty: ""
    }
  }

  /// The cell in full precision, for programs.
  public var value: Value {
    switch self {
    case .text(let text): .string(text)
    case .number(let number, _, _, _), .difference(let number, _): .number(number)
    case .empty: .null
    }
  }

  public var deviation: Double? { if case .number(_, _, let spread, _) = self { spread?.deviation } else { nil } }
}

/// A number with a fixed count of digits after the point.
public func fixed(_ number: Double, digits: Int) -> String {
  guard number.isFinite else { return "\(number)" }
  guard abs(number) < 1e15 else { return "\(number)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(number) * scale).rounded()
  guard scaled < 9e18 else { return "\(number)" }
  let whole = UInt64(scaled)
  let sign = number < 0 && whole > 0 ? "−" : ""
  guard digits > 0 else { return sign + "\(whole)" }
  let text = String(repeating: "0", count: max(0, digits + 1 - "\(whole)".count)) + "\(whole)"
  return sign + text.dropLast(digits) + "." + text.suffix(digits)
}

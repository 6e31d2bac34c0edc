import Documents

/// The content of one cell of a table.
public enum Cell: Sendable, Equatable {
  /// A text.
  case text(String)
  /// A number with its digits after the point, its spread over repetitions, and a flag for runs that did not
  /// converge.
  case number(Double, digits: Int, spread: Spread? = nil, isFlagged: Bool = false)
  /// A difference, always with its sign.
  case difference(Double, digits: Int)
  /// An empty cell.
  case empty

  /// The spread of repeated runs.
  public struct Spread: Sendable, Equatable {
    /// The sample standard deviation over the repetitions.
    public let deviation: Double
    /// The number of repetitions, at least 2.
    public let repetitions: Int

    /// Creates a spread from a standard deviation and the number of repetitions.
    public init(deviation: Double, repetitions: Int) {
      self.deviation = deviation
      self.repetitions = repetitions
    }

    /// Formats the spread.
    ///
    /// A standard deviation of 0 would suggest independent samples that agree, although nothing random differs;
    /// therefore the text says that all values are equal. Differences by rounding count as equal.
    ///
    /// - Parameters:
    ///   - mean: the mean of the repetitions.
    ///   - digits: the digits after the point.
    /// - Returns: The text that follows the mean.
    func text(around mean: Double, digits: Int) -> String {
      deviation <= 1e-12 * abs(mean) ? " (all \(repetitions) equal)" : " ± " + fixed(deviation, digits: digits)
    }
  }

  /// The mark of a value from a run that did not converge.
  static let flag = "†"

  /// The text of the cell for people.
  public var text: String {
    switch self {
    case .text(let text): text
    case .number(let number, let digits, let spread, let isFlagged):
      fixed(number, digits: digits) + (spread?.text(around: number, digits: digits) ?? "")
        + (isFlagged ? Self.flag : "")
    case .difference(let number, let digits):
      number > 0 && !fixed(number, digits: digits).allSatisfy { "0.".contains($0) }
        ? "+" + fixed(number, digits: digits) : fixed(number, digits: digits)
    case .empty: ""
    }
  }

  /// The value of the cell in full precision, for programs.
  public var value: Value {
    switch self {
    case .text(let text): .string(text)
    case .number(let number, _, _, _), .difference(let number, _): .number(number)
    case .empty: .null
    }
  }

  /// The standard deviation over repetitions; nil if there are none.
  public var deviation: Double? { if case .number(_, _, let spread, _) = self { spread?.deviation } else { nil } }
}

/// Formats a number with a fixed number of digits after the point.
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

import Documents

/// The limits of one run.
public struct Limits: Sendable, Equatable {
  /// The wall-clock time in seconds; nil for no limit.
  public let seconds: Double?
  /// The resident memory in bytes; nil for no limit.
  public let memory: Int?
  /// The number of threads, 2 by default.
  public let threads: Int

  /// Creates limits; by default neither time nor memory is limited.
  public init(seconds: Double? = nil, memory: Int? = nil, threads: Int = 2) {
    self.seconds = seconds
    self.memory = memory
    self.threads = threads
  }

  init(_ fields: Fields) throws(DocumentError) {
    threads = try fields.integer("threads", default: 2, in: Self.threadRange)
    seconds = try Self.quantity(fields, "time", units: Self.timeUnits, example: "30m, 90s or 1.5h")
    memory = try Self.quantity(fields, "memory", units: Self.memoryUnits, example: "512MiB or 4GiB").map { Int($0) }
  }

  static let threadRange = 1...64

  /// A regular expression for durations such as `30m`.
  static var timePattern: String { pattern(timeUnits) }
  static var memoryPattern: String { pattern(memoryUnits) }

  private static func pattern(_ units: [(String, Double)]) -> String {
    "^(?=[0-9.]*[1-9])([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?(\(units.map(\.0).joined(separator: "|")))$"
  }

  /// Returns the bytes of a size such as `512MiB` or `8GB`, or nil if the text is not a size.
  public static func bytes(_ text: String) -> Int? {
    quantity(text, units: memoryUnits).flatMap { $0 < ceiling ? Int($0) : nil }
  }

  /// The largest limit in seconds or bytes; more is taken for a mistake.
  private static let ceiling = 1e15

  private static let timeUnits: [(String, Double)] = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
  private static let memoryUnits: [(String, Double)] = [
    ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("kB", 1e3), ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
  ]

  /// Reads a positive number with a unit.
  private static func quantity(
    _ fields: Fields, _ key: String, units: [(String, Double)], example: String
  ) throws(DocumentError) -> Double? {
    guard let node = fields.node(key) else { return nil }
    if let text = node.value.string, let quantity = quantity(text, units: units) {
      guard quantity < ceiling else {
        throw DocumentError(place: node.place, problem: "'limits.\(key)' is '\(text)', which is too large for a limit")
      }
      return quantity
    }
    throw DocumentError(
      place: node.place,
      problem:
        """
        'limits.\(key)' is \(node.kindName), but a positive number with one of the units \
        \(units.map(\.0).joined(separator: ", ")) was expected, as in \(example)
        """
    )
  }

  /// Converts a number with a unit to seconds or bytes; nil if the text is neither.
  private static func quantity(_ text: String, units: [(String, Double)]) -> Double? {
    guard let (unit, factor) = units.filter({ text.hasSuffix($0.0) }).max(by: { $0.0.count < $1.0.count }) else {
      return nil
    }
    let digits = text.dropLast(unit.count)
    guard digits.first?.isNumber == true || digits.first == ".",
      digits.allSatisfy({ $0.isNumber || ".eE+-".contains($0) }),
      let number = Double(digits), number > 0
    else { return nil }
    return number * factor
  }
}

extension Fields {
  public func string(_ key: String, default fallback: String? = nil, about: String = "") throws(DocumentError) -> String {
    try required(key, .text, default: fallback, about: about, convert: \.string, write: Value.string)
  }

  public func optionalString(_ key: String, about: String = "") throws(DocumentError) -> String? {
    try optional(key, .text, about: about, convert: \.string, write: Value.string)
  }

  /// A text that names where something lies: it is not written down, since where a file lies does not change a result.
  public func optionalLocation(_ key: String, about: String = "") throws(DocumentError) -> (text: String, place: Place)? {
    var found: Place?
    let text = try optional(
      key, .text, about: about, record: .nowhere, at: { found = $0 }, convert: { $0.string.flatMap { $0.isEmpty ? nil : $0 } },
      write: Value.string)
    guard let text, let found else { return nil }
    return (text, found)
  }

  public func bool(_ key: String, default fallback: Bool? = nil, about: String = "") throws(DocumentError) -> Bool {
    try required(key, .flag, default: fallback, about: about, convert: \.bool, write: Value.bool)
  }

  public func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> Int {
    try required(
      key, .integer(range), default: fallback, about: about, convert: { Self.whole($0, in: range) },
      write: Value.integer)
  }

  public func optionalInteger(
    _ key: String, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> Int? {
    try optional(
      key, .integer(range), about: about, convert: { Self.whole($0, in: range) }, write: Value.integer)
  }

  private static func whole(_ value: Value, in range: ClosedRange<Int>) -> Int? {
    value.wholeNumber.flatMap { range.contains($0) ? $0 : nil }
  }

  public func number(
    _ key: String, default fallback: Double? = nil, in range: NumberRange, about: String = ""
  ) throws(DocumentError) -> Double {
    try required(
      key, .number(range), default: fallback, about: about, convert: { Self.number($0, in: range) }, write: Value.number)
  }

  public func optionalNumber(_ key: String, in range: NumberRange, about: String = "") throws(DocumentError) -> Double? {
    try optional(key, .number(range), about: about, convert: { Self.number($0, in: range) }, write: Value.number)
  }

  private static func number(_ value: Value, in range: NumberRange) -> Double? {
    value.number.flatMap { range.contains($0) ? $0 : nil }
  }

  /// A positive finite number.
  public func positiveNumber(_ key: String, default fallback: Double? = nil, about: String = "") throws(DocumentError) -> Double {
    try number(key, default: fallback, in: .positive, about: about)
  }

  public func optionalPositiveNumber(_ key: String, about: String = "") throws(DocumentError) -> Double? {
    try optionalNumber(key, in: .positive, about: about)
  }

  /// One of the cases of an enumeration, or none: an absent key is not written down.
  public func optionalChoice<T: RawRepresentable<String> & CaseIterable>(_ key: String, about: String = "") throws(DocumentError) -> T? {
    try optional(
      key, .choice(T.allCases.map(\.rawValue)), about: about, convert: { $0.string.flatMap(T.init) }, write: { .string($0.rawValue) })
  }

  /// One of the cases of an enumeration, by its raw value.
  public func choice<T: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: T? = nil, about: String = ""
  ) throws(DocumentError) -> T {
    try required(
      key, .choice(T.allCases.map(\.rawValue)), default: fallback, about: about, convert: { $0.string.flatMap(T.init) },
      write: { .string($0.rawValue) })
  }

  /// One of some names.
  public func choice(_ key: String, among names: [String], default fallback: String? = nil, about: String = "") throws(DocumentError)
    -> String
  {
    try required(
      key, .choice(names), default: fallback, about: about, convert: { $0.string.flatMap { names.contains($0) ? $0 : nil } },
      write: Value.string)
  }

  /// Cases of an enumeration: one, or a list of them that is not empty.
  public func choices<T: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: [T]? = nil, about: String = ""
  ) throws(DocumentError) -> [T] {
    try required(
      key, .choices(T.allCases.map(\.rawValue)), default: fallback, about: about,
      convert: { Self.several($0) { $0.string.flatMap(T.init) } }, write: { Self.joined($0.map { .string($0.rawValue) }) })
  }

  /// Numbers: one, or a list of them that is not empty.
  public func numbers(
    _ key: String, default fallback: [Double]? = nil, in range: NumberRange, about: String = ""
  ) throws(DocumentError) -> [Double] {
    try required(
      key, .numbers(range), default: fallback, about: about, convert: { Self.several($0) { Self.number($0, in: range) } },
      write: { Self.joined($0.map(Value.number)) })
  }

  public func positiveNumbers(_ key: String, default fallback: [Double]? = nil, about: String = "") throws(DocumentError) -> [Double] {
    try numbers(key, default: fallback, in: .positive, about: about)
  }

  public func optionalPositiveNumbers(_ key: String, about: String = "") throws(DocumentError) -> [Double]? {
    try optional(
      key, .numbers(.positive), about: about, convert: { Self.several($0) { Self.number($0, in: .positive) } },
      write: { Self.joined($0.map(Value.number)) })
  }

  /// Whole numbers: one, or a list of them that is not empty.
  public func integers(
    _ key: String, default fallback: [Int]? = nil, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> [Int] {
    try required(
      key, .integers(range), default: fallback, about: about,
      convert: { Self.several($0) { Self.whole($0, in: range) } },
      write: { Self.joined($0.map(Value.integer)) })
  }

  /// The elements of a list, or the one value that stands for a list of one; nil where one is not acceptable.
  private static func several<T>(_ value: Value, _ convert: (Value) -> T?) -> [T]? {
    let list = value.array ?? [value]
    let converted = list.compactMap(convert)
    return converted.isEmpty || converted.count < list.count ? nil : converted
  }

  /// A list of one is written as what it holds, so that both ways to write it are one document.
  private static func joined(_ values: [Value]) -> Value { values.count == 1 ? values[0] : .array(values) }

  /// A list of texts; empty when absent.
  ///
  /// - Parameter isStyling: says that they change only how results look, so that they are no part of a run's key.
  public func strings(_ key: String, isStyling: Bool = false, about: String = "") throws(DocumentError) -> [String] {
    try required(
      key, .texts, default: [], about: about, record: isStyling ? .styling : .resolved,
      convert: { $0.array.flatMap { list in list.allSatisfy { $0.string != nil } ? list.compactMap(\.string) : nil } },
      write: { .array($0.map(Value.string)) })
  }

  private func required<T>(
    _ key: String, _ kind: Question.Kind, default fallback: T?, about: String, record: Record = .resolved, convert: (Value) -> T?,
    write: (T) -> Value
  ) throws(DocumentError) -> T {
    let question = Question(path: path + [key], kind: kind, fallback: fallback.map(write), isOptional: fallback != nil, about: about)
    guard let node = take(question) else {
      guard let fallback else { throw missing(question) }
      self.record(key, write(fallback), as: record)
      return fallback
    }
    return try read(node, question, record: record, convert: convert, write: write)
  }

  private func optional<T>(
    _ key: String, _ kind: Question.Kind, about: String, record: Record = .resolved, at: (Place) -> Void = { _ in },
    convert: (Value) -> T?, write: (T) -> Value
  ) throws(DocumentError) -> T? {
    let question = Question(path: path + [key], kind: kind, fallback: nil, isOptional: true, about: about)
    guard let node = take(question) else { return nil }
    at(node.place)
    return try read(node, question, record: record, convert: convert, write: write)
  }

  private func read<T>(
    _ node: Node, _ question: Question, record: Record, convert: (Value) -> T?, write: (T) -> Value
  ) throws(DocumentError) -> T {
    let key = question.path.last ?? ""
    guard let result = convert(node.value) else {
      throw .unexpected(node.kindName, at: full(key), place: node.place, expected: question.expected)
    }
    self.record(key, write(result), as: record)
    return result
  }
}

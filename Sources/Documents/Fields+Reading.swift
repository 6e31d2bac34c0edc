extension Fields {
  /// Reads a text; without a default the key is required.
  public func string(_ key: String, default fallback: String? = nil, about: String = "") throws(DocumentError) -> String
  {
    try required(key, .text, default: fallback, about: about, convert: \.string, write: Value.string)
  }

  /// Reads a text, or returns nil if the key is absent.
  public func optionalString(_ key: String, about: String = "") throws(DocumentError) -> String? {
    try optional(key, .text, about: about, convert: \.string, write: Value.string)
  }

  /// Reads the location of a file, which is not recorded because it does not change a result.
  public func optionalLocation(_ key: String, about: String = "") throws(DocumentError) -> (text: String, place: Place)?
  {
    var found: Place?
    let text = try optional(
      key, .text, about: about, record: .nowhere, at: { found = $0 },
      convert: { $0.string.flatMap { $0.isEmpty ? nil : $0 } },
      write: Value.string)
    guard let text, let found else { return nil }
    return (text, found)
  }

  /// Reads `true` or `false`; without a default the key is required.
  public func bool(_ key: String, default fallback: Bool? = nil, about: String = "") throws(DocumentError) -> Bool {
    try required(key, .flag, default: fallback, about: about, convert: \.bool, write: Value.bool)
  }

  /// Reads a whole number within a closed range; without a default the key is required.
  public func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> Int {
    try required(
      key, .integer(range), default: fallback, about: about, convert: { Self.whole($0, in: range) },
      write: Value.integer)
  }

  /// Reads a whole number within a closed range, or returns nil if the key is absent.
  public func optionalInteger(
    _ key: String, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> Int? {
    try optional(
      key, .integer(range), about: about, convert: { Self.whole($0, in: range) }, write: Value.integer)
  }

  private static func whole(_ value: Value, in range: ClosedRange<Int>) -> Int? {
    value.wholeNumber.flatMap { range.contains($0) ? $0 : nil }
  }

  /// Reads a number within a range; without a default the key is required.
  public func number(
    _ key: String, default fallback: Double? = nil, in range: NumberRange, about: String = ""
  ) throws(DocumentError) -> Double {
    try required(
      key, .number(range), default: fallback, about: about, convert: { Self.number($0, in: range) }, write: Value.number
    )
  }

  /// Reads a number within a range, or returns nil if the key is absent.
  public func optionalNumber(_ key: String, in range: NumberRange, about: String = "") throws(DocumentError) -> Double?
  {
    try optional(key, .number(range), about: about, convert: { Self.number($0, in: range) }, write: Value.number)
  }

  private static func number(_ value: Value, in range: NumberRange) -> Double? {
    value.number.flatMap { range.contains($0) ? $0 : nil }
  }

  /// Reads a positive finite number; without a default the key is required.
  public func positiveNumber(_ key: String, default fallback: Double? = nil, about: String = "") throws(DocumentError)
    -> Double
  {
    try number(key, default: fallback, in: .positive, about: about)
  }

  /// Reads a positive finite number, or returns nil if the key is absent.
  public func optionalPositiveNumber(_ key: String, about: String = "") throws(DocumentError) -> Double? {
    try optionalNumber(key, in: .positive, about: about)
  }

  /// Reads a case of an enumeration by its raw value; an absent key gives nil and is not recorded.
  public func optionalChoice<T: RawRepresentable<String> & CaseIterable>(_ key: String, about: String = "")
    throws(DocumentError) -> T?
  {
    try optional(
      key, .choice(T.allCases.map(\.rawValue)), about: about, convert: { $0.string.flatMap(T.init) },
      write: { .string($0.rawValue) })
  }

  /// Reads a case of an enumeration by its raw value; without a default the key is required.
  public func choice<T: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: T? = nil, about: String = ""
  ) throws(DocumentError) -> T {
    try required(
      key, .choice(T.allCases.map(\.rawValue)), default: fallback, about: about, convert: { $0.string.flatMap(T.init) },
      write: { .string($0.rawValue) })
  }

  /// Reads one of the given names; without a default the key is required.
  public func choice(_ key: String, among names: [String], default fallback: String? = nil, about: String = "")
    throws(DocumentError)
    -> String
  {
    try required(
      key, .choice(names), default: fallback, about: about,
      convert: { $0.string.flatMap { names.contains($0) ? $0 : nil } },
      write: Value.string)
  }

  /// Reads one case of an enumeration or a nonempty list of cases, by their raw values.
  public func choices<T: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: [T]? = nil, about: String = ""
  ) throws(DocumentError) -> [T] {
    try required(
      key, .choices(T.allCases.map(\.rawValue)), default: fallback, about: about,
      convert: { Self.several($0) { $0.string.flatMap(T.init) } },
      write: { Self.joined($0.map { .string($0.rawValue) }) })
  }

  /// Reads one number or a nonempty list of numbers within a range.
  public func numbers(
    _ key: String, default fallback: [Double]? = nil, in range: NumberRange, about: String = ""
  ) throws(DocumentError) -> [Double] {
    try required(
      key, .numbers(range), default: fallback, about: about,
      convert: { Self.several($0) { Self.number($0, in: range) } },
      write: { Self.joined($0.map(Value.number)) })
  }

  /// Reads one positive finite number or a nonempty list of them.
  public func positiveNumbers(_ key: String, default fallback: [Double]? = nil, about: String = "")
    throws(DocumentError) -> [Double]
  {
    try numbers(key, default: fallback, in: .positive, about: about)
  }

  /// Reads one positive finite number or a nonempty list of them, or returns nil if the key is absent.
  public func optionalPositiveNumbers(_ key: String, about: String = "") throws(DocumentError) -> [Double]? {
    try optional(
      key, .numbers(.positive), about: about, convert: { Self.several($0) { Self.number($0, in: .positive) } },
      write: { Self.joined($0.map(Value.number)) })
  }

  /// Reads one whole number or a nonempty list of whole numbers within a closed range.
  public func integers(
    _ key: String, default fallback: [Int]? = nil, in range: ClosedRange<Int> = 1...Int.max, about: String = ""
  ) throws(DocumentError) -> [Int] {
    try required(
      key, .integers(range), default: fallback, about: about,
      convert: { Self.several($0) { Self.whole($0, in: range) } },
      write: { Self.joined($0.map(Value.integer)) })
  }

  /// The elements of a list, or a single value as a list of one; nil if any element is not acceptable.
  private static func several<T>(_ value: Value, _ convert: (Value) -> T?) -> [T]? {
    let list = value.array ?? [value]
    let converted = list.compactMap(convert)
    return converted.isEmpty || converted.count < list.count ? nil : converted
  }

  /// Writes a list of one element as that element, so that both spellings give the same document.
  private static func joined(_ values: [Value]) -> Value { values.count == 1 ? values[0] : .array(values) }

  /// Reads a list of texts, which is empty if the key is absent.
  ///
  /// - Parameters:
  ///   - key: the key in this mapping.
  ///   - isStyling: whether the texts only change how results look; if so they are not part of a run's key.
  ///   - about: the key's meaning, for the schema and the documentation.
  /// - Returns: The texts in the order of the list.
  /// - Throws: `DocumentError` if the value is not a list of texts.
  public func strings(_ key: String, isStyling: Bool = false, about: String = "") throws(DocumentError) -> [String] {
    try required(
      key, .texts, default: [], about: about, record: isStyling ? .styling : .resolved,
      convert: { $0.array.flatMap { list in list.allSatisfy { $0.string != nil } ? list.compactMap(\.string) : nil } },
      write: { .array($0.map(Value.string)) })
  }

  private func required<T>(
    _ key: String, _ kind: Question.Kind, default fallback: T?, about: String, record: Record = .resolved,
    convert: (Value) -> T?,
    write: (T) -> Value
  ) throws(DocumentError) -> T {
    let question = Question(
      path: path + [key], kind: kind, fallback: fallback.map(write), isOptional: fallback != nil, about: about)
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

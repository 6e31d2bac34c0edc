import Documents
import Files

/// A row of an experiment: a label, cells of tables, and the settings that the experiment's kind reads.
public struct Case: Sendable {
  /// The name of the row in plans, baselines, and tables; it is not part of a run's key.
  public let label: String
  /// The cells of table rows by column title, such as the data set and the method; swept values are listed by their
  /// paths.
  public let row: [String: Value]
  /// The seeds, one for each repetition.
  ///
  /// The first seed is the manifest's, and the others are derived from it. They do not depend on `params` and
  /// `solver`, so that all methods get the same sample.
  public let seeds: [Int]
  /// The unread `data` section of the row, which the kind interprets.
  public let data: Node
  /// The unread `params` section of the row, which the kind interprets.
  public let params: Node
  /// The unread `solver` section of the row, which the kind interprets.
  public let solver: Node
  /// The paper's numbers by metric, which are shown next to the results and never used in a computation.
  public internal(set) var published: [String: Double]
  /// The place of the row in the manifest.
  public let place: Place
  /// The label with every value in canonical form, so that 1 and 1.0 give the same label.
  let canonicalLabel: String
  /// The place of the value that the row takes from the last axis of its sweep; the row's own place if it is not
  /// swept.
  let sweptAt: Place

  /// The sections that a kind reads.
  public static let bodyKeys = ["data", "params", "solver"]
  static let sharedKeys = bodyKeys + ["sweep"]
  static let seedRange = 0...Int.max
  static let repetitionRange = 1...10_000

  /// The changes that the command line makes to every row.
  struct Changes {
    let overrides: [Override]
    let sweeps: [SweepOption]

    /// Collects the changes, or throws `DocumentError` if two options set the same value.
    init(overrides: [Override] = [], sweeps: [SweepOption] = []) throws(DocumentError) {
      (self.overrides, self.sweeps) = (overrides, sweeps)
      func refuse(_ path: String?, _ place: Place, _ earlier: Place) throws(DocumentError) {
        guard let path else { return }
        throw DocumentError(place: place, problem: "'\(path)' is already given by \(earlier)")
      }
      for (index, override) in overrides.enumerated() {
        for earlier in overrides[..<index] {
          try refuse(earlier.node.clash(with: override.node), override.place, earlier.place)
        }
      }
      for (index, option) in sweeps.enumerated() {
        for override in overrides {
          try refuse(option.axis.clash(with: override.node), option.axis.place, override.place)
        }
        for earlier in sweeps[..<index] {
          try refuse(earlier.axis.clash(with: option.axis), option.axis.place, earlier.axis.place)
        }
      }
    }
  }

  static func read(
    _ node: Node?, shared: Node, defaults: (seed: Int, repetitions: Int), changes: Changes, at place: Place
  )
    throws(DocumentError) -> [Case]
  {
    guard let node else {
      let empty = Node(.mapping([]), at: place)
      return try cases(
        .init(key: "default", place: place, value: empty), isNamed: false, shared: shared, defaults: defaults,
        changes: changes)
    }
    guard let members = node.members else {
      throw DocumentError(
        place: node.place, problem: "'cases' is \(node.kindName), but a mapping of at least one case was expected")
    }
    var result: [Case] = []
    for member in members {
      result += try cases(member, isNamed: true, shared: shared, defaults: defaults, changes: changes)
    }
    return result
  }

  /// Checks that the sections of a kind are mappings wherever they occur, and that `cases` has at least one entry.
  static func requireMappings(_ node: Node, path: String = "") throws(DocumentError) {
    let prefix = path.isEmpty ? "" : "\(path)."
    for key in bodyKeys {
      if let body = node[key] { _ = try Fields(body, path: prefix + key) }
    }
    guard let rows = node["cases"], rows.members?.isEmpty == true else { return }
    throw DocumentError(
      place: rows.place, problem: "'\(prefix)cases' is empty, but a mapping of at least one case was expected")
  }

  /// Returns the rows of one entry of `cases`, one for each point of its sweep.
  private static func cases(
    _ member: Node.Member, isNamed: Bool, shared: Node, defaults: (seed: Int, repetitions: Int), changes: Changes
  ) throws(DocumentError) -> [Case] {
    let path = isNamed ? "cases.\(member.key)" : ""
    _ = try Fields(member.value, path: path)
    try requireMappings(member.value, path: path)
    var node = try shared.merging(member.value)
    for override in changes.overrides { node = try node.merging(override.node) }
    let fields = try Fields(node, path: path)
    var sweep = try Sweep(fields.node("sweep"))
    for option in changes.sweeps { try sweep.add(option.axis) }
    for override in changes.overrides { try sweep.fix(override) }
    guard sweep.count <= Sweep.pointLimit else {
      throw DocumentError(place: member.place, problem: "the sweep has more than \(Sweep.pointLimit) points")
    }
    let part = try Part(fields, place: member.place, defaults: defaults)
    if !sweep.isEmpty, !part.published.isEmpty {
      throw DocumentError(
        place: member.place,
        problem:
          """
          'published' belongs to one row, but '\(member.key)' is swept; write the manifest's own 'published' by the \
          rows' labels
          """
      )
    }
    var result: [Case] = []
    for point in sweep.points {
      // An override takes precedence over a point: if the swept value is a mapping, the override changes a part of
      // it.
      let settings = point.map { setting in
        changes.overrides.reduce(setting) { setting, override in
          Sweep.Setting(
            path: setting.path,
            value: setting.path.value(in: override.node).map(setting.value.updating) ?? setting.value)
        }
      }
      result.append(try Case(part, point: settings, sweep: sweep, name: isNamed ? member.key : nil))
    }
    return result
  }

  /// What the points of a sweep have in common.
  private struct Part {
    let place: Place
    let body: Node
    let seed: Int
    let repetitions: Int
    let row: [String: Value]
    let published: [String: Double]

    init(_ fields: Fields, place: Place, defaults: (seed: Int, repetitions: Int)) throws(DocumentError) {
      self.place = place
      let empty = Node(.mapping([]), at: place)
      body = Node(
        .mapping(Case.bodyKeys.map { .init(key: $0, place: place, value: fields.node($0) ?? empty) }), at: place)
      seed = try fields.integer("seed", default: defaults.seed, in: Case.seedRange)
      repetitions = try fields.integer("repeat", default: defaults.repetitions, in: Case.repetitionRange)
      row = try fields.mapping("row").reduce(into: [:]) { $0[$1.key] = $1.value.value }
      published = try Case.published(fields.mapping("published"))
      try fields.finish()
    }
  }

  private init(_ part: Part, point: [Sweep.Setting], sweep: Sweep, name: String?) throws(DocumentError) {
    var body = part.body
    var (seed, repetitions) = (part.seed, part.repetitions)
    var row = part.row
    for setting in point {
      row[setting.path.text] = row[setting.path.text] ?? setting.value.value
      switch setting.path.text {
      case "seed": seed = try Self.whole(setting, in: Self.seedRange)
      case "repeat": repetitions = try Self.whole(setting, in: Self.repetitionRange)
      default: body = try body.merging(Node.nested(setting.path.text, setting.value, at: setting.value.place))
      }
    }
    let empty = Node(.mapping([]), at: part.place)
    data = body["data"] ?? empty
    params = body["params"] ?? empty
    solver = body["solver"] ?? empty
    seeds = (0..<repetitions).map { Self.seed(seed, repetition: $0) }
    self.row = row
    published = part.published
    place = part.place
    sweptAt = point.last?.value.place ?? part.place
    func label(_ text: (Value) -> String) -> String {
      let settings = point.map { "\(sweep.name(of: $0.path))=\(text($0.value.value))" }.joined(separator: ", ")
      return settings.isEmpty ? name ?? "default" : name.map { "\($0)[\(settings)]" } ?? settings
    }
    self.label = label(\.text)
    canonicalLabel = label { Self.canonical($0).json() }
  }

  /// Returns the form that equal values share: 1 for 1.0, and a single value for a list of one.
  private static func canonical(_ value: Value) -> Value {
    switch value {
    case .number(let number): Int(exactly: number).map(Value.integer) ?? value
    case .array(let elements): elements.count == 1 ? canonical(elements[0]) : .array(elements.map(canonical))
    case .object(let members): .object(members.mapValues(canonical))
    default: value
    }
  }

  private static func whole(_ setting: Sweep.Setting, in range: ClosedRange<Int>) throws(DocumentError) -> Int {
    guard let value = setting.value.value.wholeNumber, range.contains(value) else {
      throw DocumentError(
        place: setting.value.place,
        problem: "'\(setting.path.text)' is \(setting.value.kindName), but a whole number was expected")
    }
    return value
  }

  /// Reads the paper's numbers for one row.
  static func published(_ members: [Node.Member]) throws(DocumentError) -> [String: Double] {
    var published: [String: Double] = [:]
    for entry in members {
      guard entry.value.value.string == nil, let number = entry.value.value.number else {
        throw DocumentError(
          place: entry.value.place,
          problem: "the published \(entry.key) is \(entry.value.kindName), but a number was expected")
      }
      published[entry.key] = number
    }
    return published
  }

  /// Derives the seed of a repetition from 48 bits of the SHA-256 of seed and number, so that neighboring seeds are
  /// unrelated.
  static func seed(_ first: Int, repetition: Int) -> Int {
    repetition == 0 ? first : Int(SHA256.hex(of: "\(first)/\(repetition)").prefix(12), radix: 16) ?? first
  }
}

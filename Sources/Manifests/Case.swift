import Documents

/// One row of an experiment, run once or several times: a label, what it shows in tables, and the body that the experiment's kind reads.
public struct Case: Sendable {
  /// Names the run in plans, baselines and tables; not part of its key.
  public let label: String
  /// Cells of table rows by column title, such as the data set and the method.
  public let row: [String: String]
  /// One seed a repetition. The first is the manifest's; the others are derived from it.
  public let seeds: [Int]
  public let data: Node
  public let params: Node
  public let solver: Node
  /// The paper's numbers by metric: shown beside ours, never read by the computation.
  public let published: [String: Double]

  static let bodyKeys = ["data", "params", "solver"]

  static func read(
    _ node: Node?, shared: Node, seed: Int, overrides: [Override], at place: Place
  ) throws(DocumentError) -> [Case] {
    let node = node ?? Node(.mapping([.init(key: "default", place: place, value: Node(.mapping([]), at: place))]), at: place)
    guard let members = node.members, !members.isEmpty else {
      throw DocumentError(place: node.place, problem: "'cases' is \(node.kindName), but a mapping of at least one case was expected")
    }
    var cases: [Case] = []
    for member in members { cases.append(try Case(member, shared: shared, seed: seed, overrides: overrides)) }
    return cases
  }

  private init(_ member: Node.Member, shared: Node, seed: Int, overrides: [Override]) throws(DocumentError) {
    var node = member.value
    if case .scalar(.null) = node.content { node = Node(.mapping([]), at: node.place) }
    node = shared.merging(node)
    for override in overrides { node = node.merging(override.node) }
    let fields = try Fields(node, path: "cases.\(member.key)")
    label = member.key
    let empty = Node(.mapping([]), at: member.place)
    data = fields.node("data") ?? empty
    params = fields.node("params") ?? empty
    solver = fields.node("solver") ?? empty
    let first = try fields.integer("seed", default: seed, in: 0...Int.max)
    seeds = (0..<(try fields.integer("repeat", default: 1, in: 1...10_000))).map { Self.seed(first, repetition: $0) }
    var row: [String: String] = [:]
    for cell in fields.node("row")?.members ?? [] { row[cell.key] = cell.value.value.text }
    self.row = row
    var published: [String: Double] = [:]
    for entry in fields.node("published")?.members ?? [] {
      guard let number = entry.value.value.number else {
        throw DocumentError(
          place: entry.value.place, problem: "the published \(entry.key) is \(entry.value.kindName), but a number was expected")
      }
      published[entry.key] = number
    }
    self.published = published
    try fields.finish()
  }
}

extension Case {
  /// The seed of a repetition: 48 bits of the SHA-256 of seed and number, so that neighbouring seeds share nothing.
  static func seed(_ first: Int, repetition: Int) -> Int {
    repetition == 0 ? first : Int(SHA256.hex(of: "\(first)/\(repetition)").prefix(12), radix: 16) ?? first
  }
}

/// A value given on the command line for a dotted path, as in `--set solver.epsilon=1e-3`.
public struct Override: Sendable {
  let node: Node

  /// - Throws: `DocumentError` when the text is not `key=value`, the key does not start with data, params, solver, seed or repeat, or the value is
  ///   not YAML.
  public init(_ text: String) throws(DocumentError) {
    let place = Place.option("--set \(text)")
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw DocumentError(place: place, problem: "a key and a value are needed, as in --set solver.epsilon=1e-3")
    }
    let path = String(text[..<equals])
    let allowed = Case.bodyKeys + ["seed", "repeat"]
    let first = String(path.prefix { $0 != "." })
    guard allowed.contains(first), path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
      let hint = nearest(to: first, among: allowed).map { "; did you mean '\($0)'?" } ?? ""
      throw DocumentError(place: place, problem: "the key '\(path)' does not begin with one of \(allowed.joined(separator: ", "))\(hint)")
    }
    let value = try Node(yaml: String(text[text.index(after: equals)...]), option: "--set \(text)")
    node = Node.nested(path, value, at: place)
  }
}

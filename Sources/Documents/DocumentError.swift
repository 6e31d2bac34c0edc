/// Where something stands in what the user wrote.
public enum Place: Equatable, Sendable, CustomStringConvertible {
  /// A line and column, counted from 1, of a file; the whole file without them.
  case file(String, line: Int? = nil, column: Int? = nil)
  /// An option on the command line.
  case option(String)

  public var description: String {
    switch self {
    case .file(let path, let line?, let column?): "\(path):\(line):\(column)"
    case .file(let path, let line?, nil): "\(path):\(line)"
    case .file(let path, nil, _): path
    case .option(let text): text
    }
  }
}

/// What is wrong in a manifest or another document, and where. Its description is one sentence.
public struct DocumentError: Error, Equatable, CustomStringConvertible, Sendable {
  public let place: Place
  public let problem: String

  public init(place: Place, problem: String) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }

  /// A key that the schema doesn't know, with the known key nearest to it.
  static func unknownKey(_ key: String, in path: String, place: Place, known: [String]) -> DocumentError {
    let location = path.isEmpty ? "" : " in '\(path)'"
    // A short form has many edits to go.
    let longer = key.count > 1 ? known.filter { $0.hasPrefix(key) } : []
    let meant = nearest(to: key, among: known) ?? (longer.count == 1 ? longer[0] : nil)
    let hint =
      meant.map { "; did you mean '\($0)'?" }
      ?? (known.isEmpty ? "; no keys are known here" : "; known keys are \(known.sorted().joined(separator: ", "))")
    return DocumentError(place: place, problem: "unknown key '\(key)'\(location)\(hint)")
  }

  /// A value of another kind or range than expected.
  static func unexpected(_ found: String, at path: String, place: Place, expected: String) -> DocumentError {
    DocumentError(place: place, problem: "'\(path)' is \(found), but \(expected) was expected")
  }
}

/// The candidate with the fewest edits to `word`, when it is near enough to have been meant.
///
/// - Parameter edits: how many edits are near enough; by default two, and more for long words.
public func nearest(to word: String, among candidates: some Sequence<String>, within edits: Int? = nil) -> String? {
  let ranked = candidates.map { (edits: editDistance(word.lowercased(), $0.lowercased()), candidate: $0) }
    .min { ($0.edits, $0.candidate) < ($1.edits, $1.candidate) }
  guard let ranked, ranked.edits <= edits ?? max(2, word.count / 3) else { return nil }
  return ranked.candidate
}

/// The Levenshtein distance.
private func editDistance(_ first: String, _ second: String) -> Int {
  let second = Array(second)
  var row = Array(0...second.count)
  for (i, a) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in second.enumerated() {
      let substituted = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[second.count]
}

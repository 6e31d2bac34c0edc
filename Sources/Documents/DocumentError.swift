/// The place in the user's input where a value was written.
public enum Place: Equatable, Sendable, CustomStringConvertible {
  /// A file with an optional line and column, both counted from 1; without them the whole file is meant.
  case file(String, line: Int? = nil, column: Int? = nil)
  /// An option on the command line, such as `--set solver.epsilon=1`.
  case option(String)

  /// The place as error messages print it, for example `manifest.yaml:3:7`.
  public var description: String {
    switch self {
    case .file(let path, let line?, let column?): "\(path):\(line):\(column)"
    case .file(let path, let line?, nil): "\(path):\(line)"
    case .file(let path, nil, _): path
    case .option(let text): text
    }
  }
}

/// A mistake in a manifest or another document, with the place where it was written.
public struct DocumentError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The place of the mistake.
  public let place: Place
  /// What is wrong, as the second half of a sentence that begins with the place.
  public let problem: String

  /// Creates an error from its place and the second half of its sentence.
  public init(place: Place, problem: String) {
    self.place = place
    self.problem = problem
  }

  /// The place and the problem in one sentence, as the user sees it.
  public var description: String { "\(place): \(problem)" }

  /// An error for a key that the schema does not have; it suggests the nearest known key.
  static func unknownKey(_ key: String, in path: String, place: Place, known: [String]) -> DocumentError {
    let location = path.isEmpty ? "" : " in '\(path)'"
    // An abbreviation is many edits away from the full key.
    let longer = key.count > 1 ? known.filter { $0.hasPrefix(key) } : []
    let meant = nearest(to: key, among: known) ?? (longer.count == 1 ? longer[0] : nil)
    let hint =
      meant.map { "; did you mean '\($0)'?" }
      ?? (known.isEmpty ? "; no keys are known here" : "; known keys are \(known.sorted().joined(separator: ", "))")
    return DocumentError(place: place, problem: "unknown key '\(key)'\(location)\(hint)")
  }

  /// An error for a value whose type or range is not the expected one.
  static func unexpected(_ found: String, at path: String, place: Place, expected: String) -> DocumentError {
    DocumentError(place: place, problem: "'\(path)' is \(found), but \(expected) was expected")
  }
}

/// The candidate with the fewest edits to a word, or nil if none is near enough to be a likely typo.
///
/// - Parameters:
///   - word: the word that the user wrote; case is ignored.
///   - candidates: the words that are known.
///   - edits: the largest acceptable number of edits; by default two, or a third of the word's length if that is
///     more.
/// - Returns: The nearest candidate; the alphabetically first one on a tie.
public func nearest(to word: String, among candidates: some Sequence<String>, within edits: Int? = nil) -> String? {
  let ranked = candidates.map { (edits: editDistance(word.lowercased(), $0.lowercased()), candidate: $0) }
    .min { ($0.edits, $0.candidate) < ($1.edits, $1.candidate) }
  guard let ranked, ranked.edits <= edits ?? max(2, word.count / 3) else { return nil }
  return ranked.candidate
}

/// The Levenshtein distance between two texts.
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

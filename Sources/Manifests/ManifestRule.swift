import Documents
import Files

/// A rule about a manifest as a whole, beyond the type and range of each value.
public struct ManifestRule: Sendable {
  /// The rule in a few words.
  public let name: String
  /// Returns the violations of the rule in a manifest whose kind has these metrics.
  let check: @Sendable (Manifest, _ metrics: Set<String>) -> [DocumentError]

  /// All rules; each is independent of the others.
  public static let all: [ManifestRule] = [labelsDiffer, namesDiffer, namesAreFileNames, metricsAreGiven, rowsAreGiven]

  /// Returns all violations in the order of the rules.
  public static func violations(of manifest: Manifest, metrics: Set<String>) -> [DocumentError] {
    all.flatMap { $0.check(manifest, metrics) }
  }

  static let labelsDiffer = ManifestRule(name: "labels are unique") { manifest, _ in
    var first: [String: String] = [:]
    return manifest.cases.compactMap { each in
      guard let other = first.updateValue(each.label, forKey: each.canonicalLabel) else { return nil }
      let what =
        other == each.label
        ? "two rows have the label '\(each.label)'" : "the rows '\(other)' and '\(each.label)' are the same"
      return DocumentError(place: each.sweptAt, problem: "\(what); a swept value is given twice")
    }
  }

  static let namesDiffer = ManifestRule(name: "names of tables and of figures are unique") { manifest, _ in
    (duplicates(manifest.tables.map { ($0.name, $0.place) }) + duplicates(manifest.figures.map { ($0.name, $0.place) }))
      .map {
        DocumentError(place: $0.1, problem: "the name '\($0.0)' occurs twice here")
      }
  }

  static let namesAreFileNames = ManifestRule(name: "names become file names") { manifest, _ in
    (manifest.tables.map { ($0.name, $0.place) } + manifest.figures.map { ($0.name, $0.place) }).compactMap {
      name, place in
      if !name.hasPlainFileNameLetters {
        return DocumentError(
          place: place, problem: "the name '\(name)' is not a file name; letters, digits, '-' and '_' were expected")
      }
      guard name.utf8.count > String.fileNameLimit else { return nil }
      return DocumentError(
        place: place,
        problem:
          """
          the name '\(name.prefix(20))…' is too long for a file; at most \(String.fileNameLimit) characters were \
          expected
          """
      )
    }
  }

  static let metricsAreGiven = ManifestRule(name: "the kind has the metrics") { manifest, metrics in
    var named = manifest.metrics.map { ($0.name, $0.place) }
    for column in manifest.tables.flatMap(\.columns) {
      if case .metric(let metric) = column.source { named.append((metric, column.place)) }
    }
    named += manifest.figures.flatMap { figure in figure.metrics.map { ($0, figure.place) } }
    named += manifest.cases.flatMap { each in each.published.keys.sorted().map { ($0, each.place) } }
    return named.filter { !metrics.contains($0.0) }.map { name, place in
      let hint =
        nearest(to: name, among: metrics).map { "; did you mean '\($0)'?" }
        ?? "; it has \(metrics.sorted().joined(separator: ", "))"
      return DocumentError(place: place, problem: "the kind '\(manifest.kind)' has no metric '\(name)'\(hint)")
    }
  }

  static let rowsAreGiven = ManifestRule(name: "some row has the columns of tables and figures") { manifest, _ in
    var named: [(String, Place)] = []
    for column in manifest.tables.flatMap(\.columns) {
      if case .row(let key) = column.source { named.append((key, column.place)) }
    }
    for table in manifest.tables { named += table.filter.keys.sorted().map { ($0, table.place) } }
    for figure in manifest.figures { named += figure.rowKeys.map { ($0, figure.place) } }
    let known = Set(manifest.cases.flatMap(\.row.keys)).union(["case"])
    return named.filter { !known.contains($0.0) && !ParameterPath.isPath($0.0) }.map { name, place in
      let hint =
        nearest(to: name, among: known).map { "; did you mean '\($0)'?" }
        ?? "; rows have \(known.sorted().joined(separator: ", "))"
      return DocumentError(place: place, problem: "no row has '\(name)'\(hint)")
    }
  }

  private static func duplicates(_ names: [(String, Place)]) -> [(String, Place)] {
    var seen: Set<String> = []
    return names.filter { !seen.insert($0.0).inserted }
  }
}

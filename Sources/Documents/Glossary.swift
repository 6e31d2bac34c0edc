/// An ordered list of names with their meanings, such as the metrics of an experiment or the outputs of a solver.
public struct Glossary: ExpressibleByDictionaryLiteral, RandomAccessCollection, Sendable {
  /// A name and its meaning.
  public typealias Element = (key: String, value: String)

  private let entries: [Element]

  /// Creates a glossary from a literal such as `["value": "⟨C, P⟩"]`.
  public init(dictionaryLiteral elements: (String, String)...) { entries = elements.map { (key: $0.0, value: $0.1) } }

  /// Joins several glossaries; a name that occurs more than once keeps its first meaning.
  public init(joining parts: [Glossary]) {
    var known: Set<String> = []
    entries = parts.flatMap(\.entries).filter { known.insert($0.key).inserted }
  }

  /// The position of the first entry, always 0.
  public var startIndex: Int { entries.startIndex }
  /// The position after the last entry, equal to the number of entries.
  public var endIndex: Int { entries.endIndex }
  /// The entry at a position.
  public subscript(position: Int) -> Element { entries[position] }
}

/// Names with what they mean, in an order: metrics of experiments, numbers of solvers.
public struct Glossary: ExpressibleByDictionaryLiteral, RandomAccessCollection, Sendable {
  public typealias Element = (key: String, value: String)

  private let entries: [Element]

  public init(dictionaryLiteral elements: (String, String)...) { entries = elements.map { (key: $0.0, value: $0.1) } }

  /// The entries of several, each name where it is met first.
  public init(joining parts: [Glossary]) {
    var known: Set<String> = []
    entries = parts.flatMap(\.entries).filter { known.insert($0.key).inserted }
  }

  public var startIndex: Int { entries.startIndex }
  public var endIndex: Int { entries.endIndex }
  public subscript(position: Int) -> Element { entries[position] }
}

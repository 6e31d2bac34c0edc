import CYaml

/// How large a YAML text becomes when each alias is replaced by what its anchor stands for, found without doing so: three hundred bytes can stand for
/// more values than any memory holds.
struct YAMLExpansion {
  /// How many values aliases may add to those that are written. Manifests have some hundred.
  static let limit = 20_000

  /// Something in the text that is refused before it is read.
  struct Refusal: Error {
    let line: Int
    let column: Int
    let problem: String
  }

  private var sizes: [String: Int] = [:]
  /// The sequences and mappings that are open: their anchors, and how much they hold so far.
  private var open: [(anchor: String?, isMapping: Bool, members: Int, size: Int)] = []
  private var (total, written) = (0, 0)

  /// Looks through a text. Where it is no YAML it ends, and who reads it says why.
  static func check(_ text: String) throws(Refusal) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { return }
    defer { yaml_parser_delete(&parser) }
    var expansion = YAMLExpansion()
    let bytes = Array(text.utf8)
    let refusal: Refusal? = bytes.withUnsafeBufferPointer { buffer -> Refusal? in
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1, event.type != YAML_STREAM_END_EVENT else { return nil }
        defer { yaml_event_delete(&event) }
        do throws(Refusal) { try expansion.note(event) } catch { return error }
      }
    }
    if let refusal { throw refusal }
  }

  private mutating func note(_ event: yaml_event_t) throws(Refusal) {
    func refusal(_ problem: String) -> Refusal {
      Refusal(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1, problem: problem)
    }
    func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? { text.map { String(cString: $0) } }
    // Every second member of a mapping is a key, and a key of many parts would be compared with all others.
    let isKey = open.last.map { $0.isMapping && $0.members % 2 == 0 } ?? false
    if event.type != YAML_ALIAS_EVENT { written += 1 }
    switch event.type {
    case YAML_SCALAR_EVENT: close(anchor: name(event.data.scalar.anchor), size: 1)
    case YAML_ALIAS_EVENT:
      if isKey { throw refusal("a key must be a plain word, but this is an alias") }
      close(anchor: nil, size: name(event.data.alias.anchor).flatMap { sizes[$0] } ?? 1)
    case YAML_SEQUENCE_START_EVENT:
      if isKey { throw refusal("a key must be a plain word, but this is a list") }
      open.append((name(event.data.sequence_start.anchor), false, 0, 1))
    case YAML_MAPPING_START_EVENT:
      if isKey { throw refusal("a key must be a plain word, but this is a mapping") }
      open.append((name(event.data.mapping_start.anchor), true, 0, 1))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      if let ended = open.popLast() { close(anchor: ended.anchor, size: ended.size) }
    default: break
    }
    if open.last?.size ?? total > Self.limit + written {
      throw refusal("with its aliases written out the document has more than \(Self.limit + written) values")
    }
  }

  /// A value is whole: it counts for what holds it, and for who names its anchor later.
  private mutating func close(anchor: String?, size: Int) {
    if let anchor { sizes[anchor] = size }
    if open.isEmpty {
      total += size
    } else {
      open[open.count - 1].members += 1
      open[open.count - 1].size += size
    }
  }
}

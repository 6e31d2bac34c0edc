import CYaml

/// The size of a YAML text after each alias is replaced by what its anchor stands for.
///
/// It is found without expanding the text: three hundred bytes can stand for more values than any memory holds.
struct YAMLExpansion {
  /// The largest number of values that aliases may add to those written out; manifests have a few hundred.
  static let limit = 20_000

  /// Something in the text that is refused before the text is read.
  struct Refusal: Error {
    let line: Int
    let column: Int
    let problem: String
  }

  private var sizes: [String: Int] = [:]
  /// The open sequences and mappings with their anchors and their sizes so far.
  private var open: [(anchor: String?, isMapping: Bool, members: Int, size: Int)] = []
  private var (total, written) = (0, 0)

  /// Checks a text, and throws `Refusal` if aliases expand too far; invalid YAML is left to the reader that follows.
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
    // Every second child of a mapping is a key, and comparing a compound key with all others would be slow.
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

  /// Ends a value: its size counts for its container, and for later aliases of its anchor.
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

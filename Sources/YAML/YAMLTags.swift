import CYaml

/// Explicit tags, as in `!!str 42`: a tag says of what type a value is, which is the business of who reads it. None is dropped without a word.
enum YAMLTags {
  /// Looks through a text. Where it is no YAML it ends, and who reads it says why.
  ///
  /// The parser's events tell neither where a tag stands nor a bare `!`; its tokens do.
  static func refuse(in text: String) throws(YAMLExpansion.Refusal) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { return }
    defer { yaml_parser_delete(&parser) }
    let bytes = Array(text.utf8)
    let found: YAMLExpansion.Refusal? = bytes.withUnsafeBufferPointer { buffer -> YAMLExpansion.Refusal? in
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      while true {
        var token = yaml_token_t()
        guard yaml_parser_scan(&parser, &token) == 1, token.type != YAML_STREAM_END_TOKEN else { return nil }
        defer { yaml_token_delete(&token) }
        if token.type == YAML_TAG_TOKEN { return refusal(of: token) }
      }
    }
    if let found { throw found }
  }

  private static func refusal(of token: yaml_token_t) -> YAMLExpansion.Refusal {
    let parts = [token.data.tag.handle, token.data.tag.suffix].compactMap { $0.map { String(cString: $0) } }
    return .init(
      line: Int(token.start_mark.line) + 1, column: Int(token.start_mark.column) + 1,
      problem: "'\(parts.joined())' is a tag, and tags are not supported; quotes make a text")
  }
}

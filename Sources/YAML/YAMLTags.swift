import CYaml

/// Refuses explicit tags, as in `!!str 42`, which set the type of a value; in otlab the reader decides the type.
enum YAMLTags {
  /// Throws `Refusal` if a text has a tag; invalid YAML is left to the reader that follows.
  ///
  /// The parser's events tell neither where a tag is nor whether there is a bare `!`, but its tokens do.
  ///
  /// - Parameter text: the YAML text.
  /// - Throws: `YAMLExpansion.Refusal` with the place of the first tag.
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
      problem: "'\(parts.joined())' is a tag, and tags are not supported; write a text in quotes")
  }
}

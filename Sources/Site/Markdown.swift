import CMarkdown
import Foundation

/// GitHub's Markdown with tables, by cmark-gfm. Raw HTML is left out, as are links of unsafe kinds.
struct Markdown {
  /// Headings are one level lower, since they stand below a page's own.
  ///
  /// - Parameter resolve: where a link leads on the site; nil keeps its words and drops the link. Of pictures the words are kept.
  static func html(_ text: String, resolve: (String) -> String?) -> HTML {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return .text(text) }
    defer { cmark_parser_free(parser) }
    if let tables = cmark_find_syntax_extension("table") { cmark_parser_attach_syntax_extension(parser, tables) }
    var bytes = text
    bytes.withUTF8 { buffer in
      buffer.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
    }
    guard let document = cmark_parser_finish(parser) else { return .text(text) }
    defer { cmark_node_free(document) }
    adapt(document, resolve)
    guard let rendered = cmark_render_html(document, CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser)) else {
      return .text(text)
    }
    defer { free(rendered) }
    // Wide tables scroll by themselves, and not the page.
    let source = String(cString: rendered).replacing("<table>", with: "<div class=\"wide\"><table>").replacing(
      "</table>", with: "</table></div>")
    return .verbatim(source)
  }

  private static func adapt(_ document: OpaquePointer, _ resolve: (String) -> String?) {
    guard let iterator = cmark_iter_new(document) else { return }
    defer { cmark_iter_free(iterator) }
    var links: [OpaquePointer] = []
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { break }
      guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
      if cmark_node_get_type(node) == CMARK_NODE_HEADING {
        cmark_node_set_heading_level(node, min(6, cmark_node_get_heading_level(node) + 1))
      }
      if [CMARK_NODE_LINK, CMARK_NODE_IMAGE].contains(cmark_node_get_type(node)) { links.append(node) }
    }
    for link in links {
      let target = cmark_node_get_url(link).map { String(cString: $0) } ?? ""
      // A picture from elsewhere would ask a network for itself.
      if cmark_node_get_type(link) == CMARK_NODE_LINK, let place = resolve(target) {
        cmark_node_set_url(link, place)
      } else {
        // Its words take its place.
        while let child = cmark_node_first_child(link) { cmark_node_insert_before(link, child) }
        cmark_node_unlink(link)
        cmark_node_free(link)
      }
    }
  }
}

import CMarkdown
import Foundation

/// Renders GitHub-flavored Markdown with tables by cmark-gfm.
///
/// Raw HTML and unsafe links are removed.
struct Markdown {
  /// Renders Markdown with headings one level lower, since they are below the title of a page.
  ///
  /// - Parameters:
  ///   - text: the Markdown.
  ///   - resolve: returns the target of a link on the site, or nil to keep only the words of the link. Pictures are
  ///     replaced by their words.
  /// - Returns: The HTML.
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
    guard let rendered = cmark_render_html(document, CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser))
    else {
      return .text(text)
    }
    defer { free(rendered) }
    // Wide tables scroll, and the page does not.
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
      // Loading a picture from elsewhere would need the network.
      if cmark_node_get_type(link) == CMARK_NODE_LINK, let place = resolve(target) {
        cmark_node_set_url(link, place)
      } else {
        // The words of the link take its place.
        while let child = cmark_node_first_child(link) { cmark_node_insert_before(link, child) }
        cmark_node_unlink(link)
        cmark_node_free(link)
      }
    }
  }
}

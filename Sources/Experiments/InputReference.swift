import Datasets
import Documents

/// How a manifest names an input file: `{source: set/file}` of the catalogue, or `{file: path}` of the user's own, with `dataset:` for one
/// of several in an HDF5 file.
///
/// Where the file lies is not part of a run's key, so neither name is recorded in the resolved document; its digest is.
public struct InputReference: Sendable, Equatable {
  public let role: String
  public let source: String?
  public let file: String?
  public let dataset: String?

  init(_ fields: Fields, role: String) throws(DocumentError) {
    self.role = role
    source = try Self.text(fields.node("source"), key: "\(role).source")
    file = try Self.text(fields.node("file"), key: "\(role).file")
    dataset = try fields.optionalString("dataset")
    if source != nil, file != nil {
      throw DocumentError(place: fields.place, problem: "'\(role)' has both source and file; one of them was expected")
    }
  }

  private static func text(_ node: Node?, key: String) throws(DocumentError) -> String? {
    guard let node else { return nil }
    guard let text = node.value.string, !text.isEmpty else {
      throw DocumentError(place: node.place, problem: "'\(key)' is \(node.kindName), but a text was expected")
    }
    return text
  }
}

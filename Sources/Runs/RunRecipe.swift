import Documents

/// By what a run's pictures are drawn beside its arrays: what decided the result, and what changes only how it looks. It travels in arrays.h5, so that
/// pictures can be drawn from this file alone.
public struct RunRecipe: Sendable {
  public let identity: RunIdentity
  public let styling: Value

  public init(identity: RunIdentity, styling: Value) {
    self.identity = identity
    self.styling = styling
  }

  /// - Parameter place: the file that carries it.
  /// - Throws: `DocumentError` when it is damaged.
  public init(_ value: Value, at place: Place) throws(DocumentError) {
    let members = try Members(value, at: place)
    identity = try RunIdentity(document: members.value("document"), at: place)
    styling = .object(try members.object("styling"))
  }

  public var value: Value { ["document": identity.document, "styling": styling] }
}

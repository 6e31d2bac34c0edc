import Documents

/// What a run's figures depend on besides its arrays: the settings that decided the result, and those that only
/// change its look.
///
/// It is stored in arrays.h5, so that figures can be drawn from this file alone.
public struct RunRecipe: Sendable {
  /// The kind, settings, seed, and inputs that decided the result.
  public let identity: RunIdentity
  /// The settings that only change how results look.
  public let styling: Value

  /// Creates a recipe from what decided the result and what only changes its look.
  public init(identity: RunIdentity, styling: Value) {
    self.identity = identity
    self.styling = styling
  }

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - value: the stored document.
  ///   - place: the file that holds it.
  /// - Throws: `DocumentError` if it is damaged.
  public init(_ value: Value, at place: Place) throws(DocumentError) {
    let members = try Members(value, at: place)
    identity = try RunIdentity(document: members.value("document"), at: place)
    styling = .object(try members.object("styling"))
  }

  /// The recipe as a document.
  public var value: Value { ["document": identity.document, "styling": styling] }
}

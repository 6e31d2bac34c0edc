import Documents
import OptimalTransport

/// The settings of a joint embedding: the weight λ of the distortions, an optional smaller λ to start from, and the
/// alternation.
package struct EmbeddingSettings: Sendable {
  /// The weight λ of the distortions in EW_λ.
  package let distortionWeight: Double
  /// A smaller λ that is solved first; with a large λ alone, each image settles before the two have been matched.
  package let leadBy: Double?
  package let tree: TreeSettings

  /// The key of λ, which cannot be `lambda` because that is a keyword of Python.
  package static let weightKey = "distortionWeight"

  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - weight: the default of λ; nil makes the key required.
  ///   - fallback: the defaults of the other keys.
  ///   - starts: the default of `starts`.
  ///   - seed: the seed of the first start; read from the settings if nil.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or a required one is absent.
  package init(
    _ fields: Fields, weight: Double?, default fallback: JointEmbedding, starts: Int, seed: UInt64? = nil
  ) throws(DocumentError) {
    try Self.refuseOldKeys(fields)
    distortionWeight = try fields.positiveNumber(
      Self.weightKey, default: weight, about: "λ, the weight of the distortions relative to the transport cost")
    leadBy = try fields.optionalPositiveNumber(
      "leadBy", about: "a smaller λ that is solved first; a large λ alone embeds each space before the two are matched")
    tree = try TreeSettings(fields, default: fallback.alternation, starts: starts, seed: seed)
  }

  package static func refuseOldKeys(_ fields: Fields) throws(DocumentError) {
    try fields.refuse("lambda", since: "is now '\(weightKey)'")
    try fields.refuse("lambdaFrom", since: "is now 'leadBy'")
  }

  /// One solver per start, with consecutive seeds.
  package var solvers: [JointEmbedding] { tree.solvers.map { JointEmbedding($0) } }
}

import Documents
import OptimalTransport

/// A joint embedding: the weight λ of the distortions, a smaller one that may lead the way, and the alternation with its starts.
package struct EmbeddingSettings: Sendable {
  /// λ of EW_λ.
  package let distortionWeight: Double
  /// A smaller λ to start from: a large one lays both images out before they have found each other.
  package let leadBy: Double?
  package let tree: TreeSettings

  /// Key of λ, which is a word of Python's under its own name.
  package static let weightKey = "distortionWeight"

  /// - Parameters:
  ///   - weight: what an absent λ stands for; nil asks for one.
  ///   - fallback: what the other absent keys stand for.
  ///   - seed: of the first start; read from the fields when nil.
  package init(
    _ fields: Fields, weight: Double?, default fallback: JointEmbedding, starts: Int, seed: UInt64? = nil
  ) throws(DocumentError) {
    try Self.refuseOldKeys(fields)
    distortionWeight = try fields.positiveNumber(
      Self.weightKey, default: weight, about: "λ, the weight of the distortions against the transport")
    leadBy = try fields.optionalPositiveNumber(
      "leadBy", about: "a smaller λ to start from: a large one lays both images out before they have found each other")
    tree = try TreeSettings(fields, default: fallback.alternation, starts: starts, seed: seed)
  }

  package static func refuseOldKeys(_ fields: Fields) throws(DocumentError) {
    try fields.refuse("lambda", since: "is now '\(weightKey)'")
    try fields.refuse("lambdaFrom", since: "is now 'leadBy'")
  }

  /// The solvers of all starts.
  package var solvers: [JointEmbedding] { tree.solvers.map { JointEmbedding($0) } }
}

import LinearAlgebra

/// A renumbering of the points of a run's spaces, used by tests.
///
/// Results must not depend on the order in which points are stored, so a run under a seeded order must give the same
/// metrics within their tolerances. The renumbering is not part of a run's key; tests ask for it by
/// `OTLAB_RELABEL=SEED`.
public struct Relabeling: Sendable {
  /// The environment variable that asks for a renumbering.
  static let variable = "OTLAB_RELABEL"

  /// The seed of the orders; nil leaves all points where they are.
  let seed: UInt64?

  /// Creates a renumbering; a nil seed leaves all points where they are.
  public init(seed: UInt64?) { self.seed = seed }

  /// Returns an order of points: point k is the one that was stored at `order[k]`.
  public func order(_ count: Int, _ stream: String) -> [Int] {
    guard let seed else { return Array(0..<count) }
    var random = SeededGenerator(seed: seed, stream: "relabeling \(stream)")
    return random.permutation(count)
  }

  /// Whether images are turned upside down; their pixels keep the grid and cannot be reordered freely.
  public var mirrors: Bool { seed != nil }
}

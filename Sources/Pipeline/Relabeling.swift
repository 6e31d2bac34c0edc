import LinearAlgebra

/// Other numbers for the points of a run's spaces.
///
/// No result may hang on the order in which points are stored, so a run can be repeated under a seeded one and must give the same metrics
/// within their tolerances. The numbering is no part of the run's key; tests ask for it by `OTLAB_RELABEL=SEED`.
public struct Relabeling: Sendable {
  /// The environment variable that asks for it.
  static let variable = "OTLAB_RELABEL"

  /// Of the orders; nil leaves all points where they are.
  let seed: UInt64?

  /// - Parameter seed: of the orders; nil leaves all points where they are.
  public init(seed: UInt64?) { self.seed = seed }

  /// Point k is the one that was stored at `order[k]`.
  public func order(_ count: Int, _ stream: String) -> [Int] {
    guard let seed else { return Array(0..<count) }
    var random = SeededGenerator(seed: seed, stream: "relabeling \(stream)")
    return random.permutation(count)
  }

  /// Whether pictures, whose pixels keep their lattice, are turned upside down in place of a new order.
  public var mirrors: Bool { seed != nil }
}

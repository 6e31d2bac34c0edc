/// Dual potentials of a transport problem, one of each marginal's constraint.
public struct Potentials: Sendable, Equatable {
  /// Of the n source points.
  public var source: [Double]
  /// Of the m target points.
  public var target: [Double]

  public init(source: [Double], target: [Double]) {
    self.source = source
    self.target = target
  }
}

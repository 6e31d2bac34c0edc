/// The dual potentials of a transport problem, one vector per marginal constraint.
public struct Potentials: Sendable, Equatable {
  /// The potentials f of the n source points, in units of the cost.
  public var source: [Double]
  /// The potentials g of the m target points, in units of the cost.
  public var target: [Double]

  /// Creates potentials from the vectors f and g.
  public init(source: [Double], target: [Double]) {
    self.source = source
    self.target = target
  }
}

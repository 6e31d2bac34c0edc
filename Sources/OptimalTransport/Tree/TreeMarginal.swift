import LinearAlgebra

/// The marginal constraint of one node of a multi-marginal problem: prescribed, relaxed, or free.
public struct TreeMarginal: Sendable {
  /// The number of points of the node.
  public let count: Int
  /// The weights μ, nonnegative with a positive sum; nil for a free node.
  public let weights: [Double]?
  /// The weight ρ in [0, ∞] of the penalty ρ KL(π_i | μ).
  ///
  /// ρ = ∞ prescribes the marginal, and ρ = 0 leaves it free.
  public let relaxation: Double

  /// Creates a prescribed or relaxed marginal.
  ///
  /// - Parameters:
  ///   - weights: the weights μ.
  ///   - relaxation: the penalty weight ρ; ∞ by default, which prescribes the marginal.
  /// - Throws: `ProblemError` if weights are negative, not finite, or all zero, their mass is outside of
  ///   1e-100…1e100, or ρ < 0.
  public init(weights: [Double], relaxation: Double = .infinity) throws(ProblemError) {
    try ProblemError.validate(weights: weights, named: "the weights of a node")
    try ProblemError.validate(masses: [weights])
    if !(relaxation >= 0) {
      throw .parameter(name: "ρ", found: "\(relaxation)", expected: "a number from 0 to infinity")
    }
    count = weights.count
    self.weights = weights
    self.relaxation = relaxation
  }

  /// Creates a free marginal on `count` points, at least 1.
  public init(freeOver count: Int) throws(ProblemError) {
    if count < 1 { throw .empty(name: "a free node") }
    self.count = count
    weights = nil
    relaxation = 0
  }

  /// Whether the marginal is unconstrained.
  var isFree: Bool { weights == nil || relaxation == 0 }
  var isFixed: Bool { weights != nil && relaxation == .infinity }
}

/// The reference measure R = ⊗ r_i of the entropy KL(π | R).
public enum TreeReference: Sendable, Equatable {
  /// The counting measure, r_i = 1 at every point.
  ///
  /// If the mass is free, it favors large masses, because the log-density of a plan is negative.
  case counting
  /// The uniform measure, r_i = 1/n_i at every point.
  case uniform
  /// The product of the marginals, r_i = μ_i, uniform with mass 1 on free nodes, as in unbalanced Gromov–Wasserstein.
  case product
  /// Any positive measures, one per node; points of weight zero may have reference zero.
  case measures([[Double]])

  func measure(of node: Int, _ marginal: TreeMarginal) -> [Double] {
    switch self {
    case .counting: [Double](repeating: 1, count: marginal.count)
    case .uniform: .uniform(marginal.count)
    case .product: marginal.weights ?? .uniform(marginal.count)
    case .measures(let measures): measures[node]
    }
  }

  func validate(_ marginals: [TreeMarginal]) throws(ProblemError) {
    guard case .measures(let measures) = self else { return }
    if measures.count != marginals.count {
      throw .shape(name: "the reference", found: "\(measures.count) measures", expected: "\(marginals.count) (nodes)")
    }
    for (node, (measure, marginal)) in zip(measures, marginals).enumerated() {
      try ProblemError.validate(weights: measure, named: "the reference of node \(node)")
      if measure.count != marginal.count {
        throw .shape(
          name: "the reference of node \(node)", found: "\(measure.count) elements", expected: "\(marginal.count)")
      }
    }
  }
}

extension [TreeMarginal] {
  /// Checks that all prescribed marginals have the same mass, to a relative 1e-9.
  func validateMasses() throws(ProblemError) {
    var first: Double?
    for marginal in self where marginal.isFixed {
      let mass = compensatedSum(marginal.weights ?? [])
      if let first { try ProblemError.validate(massOf: first, equals: mass) }
      first = first ?? mass
    }
  }
}

/// The logarithms of a problem's measures, which messages and functionals share.
struct TreeMeasures: Sendable {
  let marginals: [TreeMarginal]
  /// log μ_i of each node; empty for nodes without weights.
  let logWeights: [[Double]]
  /// log r_i of each node.
  let logReferences: [[Double]]
  /// The mass m(R) of the reference.
  let referenceMass: Double

  init(_ marginals: [TreeMarginal], _ reference: TreeReference) {
    self.marginals = marginals
    logWeights = marginals.map { logarithms($0.weights ?? []) }
    let references = marginals.indices.map { reference.measure(of: $0, marginals[$0]) }
    logReferences = references.map { logarithms($0) }
    referenceMass = references.reduce(1) { $0 * compensatedSum($1) }
  }
}

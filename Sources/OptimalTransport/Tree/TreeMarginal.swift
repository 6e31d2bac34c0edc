import LinearAlgebra

/// What a multi-marginal problem asks of one node of its tree.
public struct TreeMarginal: Sendable {
  /// The number of points.
  public let count: Int
  /// μ, non-negative weights of positive sum; nil for a free node.
  public let weights: [Double]?
  /// ρ in [0, ∞]: the price of departing from μ is ρ KL(π_i | μ). ∞ prescribes the marginal, 0 leaves it free.
  public let relaxation: Double

  /// A node with weights.
  ///
  /// - Throws: `ProblemError` when weights are negative, not finite, all zero, or their mass is outside of 1e-100…1e100, or ρ < 0.
  public init(weights: [Double], relaxation: Double = .infinity) throws(ProblemError) {
    try ProblemError.validate(weights: weights, named: "the weights of a node")
    try ProblemError.validate(masses: [weights])
    if !(relaxation >= 0) { throw .parameter(name: "ρ", found: "\(relaxation)", expected: "a number from 0 to infinity") }
    count = weights.count
    self.weights = weights
    self.relaxation = relaxation
  }

  /// A node of `count` points whose marginal is to be found.
  public init(freeOver count: Int) throws(ProblemError) {
    if count < 1 { throw .empty(name: "a free node") }
    self.count = count
    weights = nil
    relaxation = 0
  }

  /// Whether nothing is asked of the marginal.
  var isFree: Bool { weights == nil || relaxation == 0 }
  var isFixed: Bool { weights != nil && relaxation == .infinity }
}

/// The measure R = ⊗ r_i that the entropy KL(π | R) is relative to.
public enum TreeReference: Sendable, Equatable {
  /// r_i = 1 at every point. With free mass it rewards mass: the log-density of a plan is negative.
  case counting
  /// r_i = 1/n_i at every point.
  case uniform
  /// r_i = μ_i, uniform with mass 1 on free nodes: the reference of unbalanced Gromov–Wasserstein.
  case product
  /// Any positive measures, one a node; points of weight zero may have reference zero.
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
        throw .shape(name: "the reference of node \(node)", found: "\(measure.count) elements", expected: "\(marginal.count)")
      }
    }
  }
}

extension [TreeMarginal] {
  /// Checks that all prescribed marginals have one mass, to 1e-9 relative.
  func validateMasses() throws(ProblemError) {
    var first: Double?
    for marginal in self where marginal.isFixed {
      let mass = compensatedSum(marginal.weights ?? [])
      if let first { try ProblemError.validate(massOf: first, equals: mass) }
      first = first ?? mass
    }
  }
}

/// The logarithms of a problem's measures, which both messages and functionals are made of.
struct TreeMeasures: Sendable {
  let marginals: [TreeMarginal]
  /// log μ_i; empty on nodes without weights.
  let logWeights: [[Double]]
  /// log r_i.
  let logReferences: [[Double]]
  /// m(R).
  let referenceMass: Double

  init(_ marginals: [TreeMarginal], _ reference: TreeReference) {
    self.marginals = marginals
    logWeights = marginals.map { logarithms($0.weights ?? []) }
    let references = marginals.indices.map { reference.measure(of: $0, marginals[$0]) }
    logReferences = references.map { logarithms($0) }
    referenceMass = references.reduce(1) { $0 * compensatedSum($1) }
  }
}

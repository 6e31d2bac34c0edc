@testable import SolverCatalogue

/// `sinkhorn`.
enum SinkhornConformance: SolverConformance {
  typealias Solver = SinkhornSolver

  static let pot = ["ot.sinkhorn", "ot.sinkhorn2"]
  static let choices = [["C"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.entropicTransport() }

  static let costOfForbiddenPairs: String? = "C"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    EntropicDraw.settings(for: key, &draw)
  }
}

/// `unbalanced`.
enum UnbalancedConformance: SolverConformance {
  typealias Solver = UnbalancedSolver

  static let pot = ["ot.unbalanced.sinkhorn_unbalanced"]
  static let choices = [["C"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.entropicTransport() }

  static let costOfForbiddenPairs: String? = "C"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    EntropicDraw.settings(for: key, &draw)
  }
}

/// `divergence`.
enum DivergenceConformance: SolverConformance {
  typealias Solver = DivergenceSolver

  static let pot = ["divergence_with_entropies"]
  static let choices = [["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] {
    try certificate.entropicTransport("transport_value", atLeastZero: "value")
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    EntropicDraw.settings(for: key, &draw)
  }
}

/// Settings of solvers by Sinkhorn's iteration.
private enum EntropicDraw {
  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    guard key == "epsilonUnit" else { return nil }
    return draw.happens(0.2) ? ["epsilonUnit=largest-cost"] : []
  }
}

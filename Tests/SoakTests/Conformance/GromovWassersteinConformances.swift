@testable import SolverCatalogue

/// `gw`.
enum GromovWassersteinConformance: SolverConformance {
  typealias Solver = GromovWassersteinSolver

  static let pot = ["ot.gromov.gromov_wasserstein", "ot.gromov.gromov_wasserstein2"]
  static let choices = [["D1", "D2"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein() }
}

/// `fgw`.
enum FusedGromovWassersteinConformance: SolverConformance {
  typealias Solver = FusedGromovWassersteinSolver

  static let pot = ["ot.gromov.fused_gromov_wasserstein2"]
  static let choices = [["D1", "D2", "M"], ["X", "Y", "M"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein() }

  static let costOfForbiddenPairs: String? = "M"
}

/// `entropic-gw`.
enum EntropicGromovWassersteinConformance: SolverConformance {
  typealias Solver = EntropicGromovWassersteinSolver

  static let pot = ["ot.gromov.entropic_gromov_wasserstein", "ot.gromov.entropic_fused_gromov_wasserstein"]
  static let choices = [["D1", "D2"], ["X", "Y"], ["X", "Y", "M"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein() }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    guard key == "step" else { return nil }
    return draw.happens(0.2) ? ["step=proximal-point"] : []
  }
}

/// `semi-relaxed-gw`.
enum SemiRelaxedGromovWassersteinConformance: SolverConformance {
  typealias Solver = SemiRelaxedGromovWassersteinSolver

  static let pot = [
    "ot.gromov.semirelaxed_gromov_wasserstein2", "ot.gromov.semirelaxed_fused_gromov_wasserstein2",
    "ot.gromov.entropic_semirelaxed_gromov_wasserstein2", "ot.gromov.entropic_semirelaxed_fused_gromov_wasserstein",
  ]
  static let choices = [["D1", "D2"], ["X", "Y"], ["D1", "D2", "M"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein(.ofSource) }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "epsilon": draw.happens(0.5) ? [] : nil
    case "step": draw.isSet("epsilon") && draw.happens(0.5) ? ["step=mirror-descent"] : []
    default: nil
    }
  }
}

/// `partial-gw`.
enum PartialGromovWassersteinConformance: SolverConformance {
  typealias Solver = PartialGromovWassersteinSolver

  static let pot = ["ot.gromov.partial_gromov_wasserstein2", "ot.gromov.partial_fused_gromov_wasserstein2"]
  static let choices = [["D1", "D2"], ["X", "Y"], ["D1", "D2", "M"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein(.bounded) }

  static let costOfForbiddenPairs: String? = "M"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    key == "mass" ? PartialTransportConformance.drawnMass(&draw) : nil
  }
}

/// `fot`.
enum KernelFusedConformance: SolverConformance {
  typealias Solver = KernelFusedSolver

  static let pot: [String] = []
  static let choices = [["D1", "D2", "M", "K"], ["X", "Y", "M"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.gromovWasserstein() }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "symmetric": []
    case "bandwidth": draw.holds("K") ? [] : ["bandwidth=\(draw.isWild ? draw.pick(AdversarialDraw.epsilons) : "0.5")"]
    case "epsilon": draw.happens(0.6) ? [] : nil
    // Conditional gradients have no inner iterations.
    case "innerIterations": draw.isSet("epsilon") ? nil : []
    default: nil
    }
  }
}

import TestSupport

@testable import SolverCatalogue

/// `tree-gw`.
enum TreeConformance: TreeArrays {
  typealias Solver = TreeSolver

  static let pot: [String] = []
  static let choices = [["X0", "X1", "X2"], ["D0", "D1"], ["X0", "X1", "M0"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.treeOfSpaces }
}

extension Certificate {
  /// Plans along the edges of a chain: each keeps what is prescribed at its ends, and edges that meet agree.
  fileprivate var treeOfSpaces: [String] {
    let nodes = (0..<10).last { problem.array("D\($0)") != nil || problem.array("X\($0)") != nil } ?? 0
    var faults: [String] = []
    for edge in 0..<nodes {
      guard let plan = matrices["plan\(edge)"], let first = vector("marginal\(edge)"),
        let second = vector("marginal\(edge + 1)"),
        let d1 = space("D\(edge)", "X\(edge)"), let d2 = space("D\(edge + 1)", "X\(edge + 1)")
      else { return ["plan \(edge), a marginal or a space of it is missing"] }
      let mass = plan.elements.reduce(0, +)
      faults += differ(plan.rowSums, first, of: mass, "rows of plan \(edge) and their node")
      faults += differ(plan.columnSums, second, of: mass, "columns of plan \(edge) and their node")
      if edge == 0, let a = problem.array("a0")?.elements {
        faults += differ(first, a, of: mass, "node 0 and its weights")
      }
      if let a = problem.array("a\(edge + 1)")?.elements {
        faults += differ(second, a, of: mass, "node \(edge + 1) and its weights")
      }
      let distortion = gromovWassersteinByDefinition(d1, d2, plan)
      // Distances are lessened by their mean over all nodes.
      let largest = isSquared(byDefault: false) ? square : square.squareRoot()
      let scale = distortion + largest * largest * mass * mass
      faults += differs("distortion\(edge)", from: distortion, scale: scale, by: 1e-5)
    }
    return nodes > 0 ? faults : ["there is no edge"]
  }

  /// A sentence where the sums of a plan along an edge are not what they should be.
  func differ(_ sums: [Double], _ weights: [Double], of mass: Double, _ what: String) -> [String] {
    if sums.count != weights.count {
      return ["it says converged, but \(what) are of \(sums.count) and \(weights.count) points"]
    }
    let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / mass
    return error < 1e-4 ? [] : ["it says converged, but \(what) differ by \(error) of the mass"]
  }
}

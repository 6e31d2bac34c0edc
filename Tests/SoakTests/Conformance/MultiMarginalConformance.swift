@testable import SolverCatalogue

/// `tree`.
enum MultiMarginalConformance: TreeArrays {
  typealias Solver = MultiMarginalSolver

  static let pot: [String] = []
  static let choices = [["C0"], ["C0", "C1"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.multiMarginal }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    key == "form" ? ["form=\(draw.pick(["absorbed", "logarithmic"]))"] : nil
  }
}

extension Certificate {
  fileprivate var multiMarginal: [String] {
    guard let epsilon = numericSetting("epsilon") else { return ["ε is missing"] }
    var (paid, scale) = (0.0, 0.0)
    var faults: [String] = []
    // Potentials are as large as costs, whose last digits the plan's logarithm has as often as ε is in them.
    let rounding = (0..<9).reduce(0) { max($0, given("C\($1)").map(Self.largest) ?? 0) } * 1e-15 / epsilon
    for edge in 0..<9 {
      guard let cost = given("C\(edge)") else { break }
      guard let plan = matrices["plan\(edge)"] else { return ["there is no plan \(edge)"] }
      for (cost, mass) in zip(cost.elements, plan.elements) {
        (paid, scale) = (paid + cost * mass, scale + abs(cost) * mass)
      }
      // The chain's next edge shares a node.
      if let next = matrices["plan\(edge + 1)"] {
        // Where all nodes are free, costs may leave no mass at all.
        let (error, mass) = (
          zip(plan.columnSums, next.rowSums).reduce(0) { $0 + abs($1.0 - $1.1) }, plan.rowSums.reduce(0, +)
        )
        if !(error <= (1e-6 + rounding) * mass) {
          faults.append("the plans of the edges \(edge) and \(edge + 1) differ by \(error) of \(mass) on their node")
        }
      }
      for (node, sums) in [(edge, plan.rowSums), (edge + 1, plan.columnSums)] where problem.array("a\(node)") != nil {
        let wanted = weights("a\(node)", sums.count)
        let error = zip(sums, wanted).reduce(0) { $0 + abs($1.0 - $1.1) } / wanted.reduce(0, +)
        if !(error <= 1e-6) {
          faults.append("it says converged, but the weights of node \(node) are missed by \(error) of the mass")
        }
      }
    }
    return faults + differs("transport_cost", from: paid, scale: scale, by: 1e-6)
  }
}

@testable import SolverCatalogue

/// Solvers over several spaces, whose arrays belong to a node or an edge by the digit in their names: `D1` to node 1,
/// `M1` to the edge of nodes 1 and 2.
protocol TreeArrays: SolverConformance {}

extension TreeArrays {
  /// The nodes that the chosen arrays belong to.
  static func nodes(of chosen: [String]) -> Set<Int> {
    Set(chosen.flatMap { name in digit(of: name).map { isEdge(name) ? [$0, $0 + 1] : [$0] } ?? [] })
  }

  /// Weights of nodes that are there, and of what is averaged; weights and relaxations of edges and nodes in one array
  /// are left out.
  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool {
    guard let node = digit(of: input.name) else {
      return input.isVector && !["c", "rho", "alphas"].contains(input.name)
    }
    return input.isVector && nodes(of: chosen).contains(node)
  }

  static func letters(of input: InputDescription) -> [String] {
    guard let digit = digit(of: input.name) else { return input.letters }
    return isEdge(input.name) ? ["n\(digit)", "n\(digit + 1)"] : input.letters.map { $0 == "n" ? "n\(digit)" : $0 }
  }

  private static func digit(of name: String) -> Int? { name.count == 2 ? name.last?.wholeNumberValue : nil }

  private static func isEdge(_ name: String) -> Bool { ["C", "M"].contains(name.prefix(1)) }
}

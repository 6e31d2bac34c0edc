import LinearAlgebra
import OptimalTransport

// Inputs of the solvers on trees of spaces or of costs.

extension InputDescription {
  static let mostNodes = 10

  static let edges = InputDescription("edges", "k×2", "the two nodes of each edge, counted from 0; a chain if absent")
  static let edgeWeights = InputDescription("c", "k", "weights of the edges; 1 if absent")
  static let nodeRelaxations = InputDescription(
    "rho", "nodes",
    "weights ρ of the KL penalties on the nodes' marginals; inf prescribes a marginal, and is the default")

  static let nodes = (0..<mostNodes).flatMap { node in
    [
      InputDescription("D\(node)", "n×n", "distances in node \(node); or give X\(node)"),
      InputDescription("X\(node)", "n×d", "points of node \(node)"), weights(of: node),
    ]
  }

  static func weights(of node: Int) -> InputDescription {
    InputDescription("a\(node)", "n", "weights of node \(node); if absent, its marginal is free")
  }

  /// One matrix per edge.
  static func edgeCosts(_ name: String, _ about: String) -> [InputDescription] {
    (0..<mostNodes - 1).map { InputDescription("\(name)\($0)", "n×m", "\(about) \($0)") }
  }
}

extension BalancedWeights {
  static let nodes = BalancedWeights(
    names: (0..<InputDescription.mostNodes).map { "a\($0)" }, isUniformWhenAbsent: false)
}

extension ProblemInputs {
  /// Counts the nodes that are given.
  ///
  /// - Returns: the number of nodes, at least 2.
  /// - Throws: `InputError` if there are fewer than two nodes.
  func countOfNodes() throws -> Int {
    let count = (0..<InputDescription.mostNodes).last { contains("D\($0)") || contains("X\($0)") }.map { $0 + 1 } ?? 0
    if count < 2 { throw missing("at least two nodes: D0 or X0, and D1 or X1") }
    return count
  }

  func nodeRelaxations(_ count: Int) throws -> [Double]? {
    let rho = try vector("rho")
    if let rho, rho.count != count { throw missing("\(count) numbers in rho, one per node (found \(rho.count))") }
    return rho
  }

  /// The memory of a problem on a tree: plans between adjacent nodes, and the distances of each node.
  func memoryOfTree() throws -> MemoryNeed {
    let sizes = try (0..<InputDescription.mostNodes).map { Double(try rows("D\($0)", "X\($0)")) }
    let distances = sizes.indices.reduce(0.0) { $0 + (contains("D\($1)") ? 2 * sizes[$1] * sizes[$1] : 0) }
    let count = sizes.lastIndex { $0 > 0 }.map { $0 + 1 } ?? 0
    let edges = try edgesOfTree(count)
    let plans = edges.reduce(0.0) {
      $0 + (sizes.indices.contains($1.0) && sizes.indices.contains($1.1) ? sizes[$1.0] * sizes[$1.1] : 0)
    }
    return MemoryNeed(
      numbers: 8 * plans + distances,
      problem: "a tree of \(count) nodes of up to \(Int(sizes.max() ?? 0)) points")
  }

  /// Reads the edges of the tree; those of a chain if they are absent.
  func edgesOfTree(_ count: Int) throws -> [(Int, Int)] {
    try matrix("edges").map { try edges($0) } ?? (1..<max(count, 1)).map { ($0 - 1, $0) }
  }

  private func edges(_ matrix: Matrix) throws -> [(Int, Int)] {
    if matrix.columns != 2 { throw missing("edges with two columns (found \(matrix.columns))") }
    return try (0..<matrix.rows).map { row in
      guard let first = Int(exactly: matrix[row, 0]), let second = Int(exactly: matrix[row, 1]) else {
        throw missing("whole numbers in edges (found \(matrix[row, 0]) and \(matrix[row, 1]) in row \(row))")
      }
      return (first, second)
    }
  }
}

import LinearAlgebra

/// A measured hypernetwork: n nodes and d hyperedges with masses μ and ν, and a value ω_ik for each pair.
///
/// A data table is a hypernetwork with samples as nodes and features as hyperedges. A network is one whose hyperedges
/// are its nodes.
public struct Hypernetwork: Sendable {
  /// The representation of the values ω.
  public enum Values: Sendable {
    /// Any finite numbers, n×d.
    case dense(Matrix)
    /// Zeros and ones in sparse form; sums over pairs cost as much as there are ones.
    case adjacency(Adjacency)

    /// The number n of nodes.
    public var rows: Int {
      switch self {
      case .dense(let matrix): matrix.rows
      case .adjacency(let graph): graph.rows
      }
    }
    /// The number d of hyperedges.
    public var columns: Int {
      switch self {
      case .dense(let matrix): matrix.columns
      case .adjacency(let graph): graph.columns
      }
    }

    /// The values as a dense matrix.
    public var matrix: Matrix {
      switch self {
      case .dense(let matrix): matrix
      case .adjacency(let graph): graph.matrix
      }
    }

    func selecting(rows: [Int], columns: [Int]) -> Values {
      switch self {
      case .dense(let matrix):
        .dense(Matrix(rows: rows.count, columns: columns.count) { matrix[rows[$0], columns[$1]] })
      case .adjacency(let graph): .adjacency(graph.selecting(rows: rows, columns: columns))
      }
    }

    var transposed: Values {
      switch self {
      case .dense(let matrix): .dense(matrix.transposed)
      case .adjacency(let graph): .adjacency(graph.transposed)
      }
    }
  }

  /// The values ω, n×d.
  public let values: Values
  /// The node masses μ.
  public let nodes: [Double]
  /// The hyperedge masses ν.
  public let hyperedges: [Double]
  /// Whether the hyperedges are the nodes.
  public let isNetwork: Bool

  /// Creates a hypernetwork.
  ///
  /// - Parameters:
  ///   - values: the values ω, n×d.
  ///   - nodes: the node masses μ; uniform with sum 1 if nil. Nodes of mass zero are ignored.
  ///   - hyperedges: the hyperedge masses ν; uniform with sum 1 if nil. Hyperedges of mass zero are ignored.
  ///   - name: the name in error messages.
  /// - Throws: `ProblemError` if there are no values or no mass, a number is not finite or out of range, a mass is
  ///   negative, or sizes do not fit.
  public init(
    values: Values, nodes: [Double]? = nil, hyperedges: [Double]? = nil, name: String = "the hypernetwork"
  ) throws(ProblemError) {
    try self.init(values, nodes, hyperedges, name, isNetwork: false)
  }

  /// Creates a network, whose hyperedges are its nodes.
  ///
  /// - Parameters:
  ///   - values: the values ω, n×n, not necessarily symmetric.
  ///   - weights: the node masses μ; uniform with sum 1 if nil.
  ///   - name: the name in error messages.
  /// - Returns: the network.
  /// - Throws: `ProblemError` if ω is not square, and in the cases of the initializer.
  public static func network(_ values: Values, weights: [Double]? = nil, name: String = "the network")
    throws(ProblemError) -> Hypernetwork
  {
    if values.rows != values.columns {
      throw .shape(
        name: "the values of \(name)", found: "\(values.rows)×\(values.columns) elements", expected: "a square matrix")
    }
    return try Hypernetwork(values, weights, weights, name, isNetwork: true)
  }

  private init(_ values: Values, _ nodes: [Double]?, _ hyperedges: [Double]?, _ name: String, isNetwork: Bool)
    throws(ProblemError)
  {
    if values.rows == 0 || values.columns == 0 { throw .empty(name: "the values of \(name)") }
    if case .dense(let matrix) = values {
      try ProblemError.validate(matrix, named: "the values of \(name)", atMost: largestDistance)
    }
    self.values = values
    self.nodes = nodes ?? .uniform(values.rows)
    self.hyperedges = hyperedges ?? .uniform(values.columns)
    self.isNetwork = isNetwork
    let masses = [(self.nodes, values.rows, "node"), (self.hyperedges, values.columns, "hyperedge")]
    for (weights, count, kind) in isNetwork ? Array(masses.prefix(1)) : masses {
      let label = isNetwork ? "the weights of \(name)" : "the \(kind) masses of \(name)"
      if weights.count != count { throw .shape(name: label, found: "\(weights.count) elements", expected: "\(count)") }
      try ProblemError.validate(weights: weights, named: label)
      try ProblemError.validate(masses: [weights])
    }
  }
}

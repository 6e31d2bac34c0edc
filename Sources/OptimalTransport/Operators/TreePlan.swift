import LinearAlgebra

/// The plan of an edge, in the precision in which it was computed.
public struct TreePlan: Sendable {
  /// The solver's own memory, no longer written to: a barycenter on a large grid could not afford a copy.
  private enum Storage: @unchecked Sendable {
    case single(EdgeMatrix<Float>)
    case double(EdgeMatrix<Double>)
  }

  /// The number of points of the edge's first node.
  public let rows: Int
  /// The number of points of the edge's second node.
  public let columns: Int
  private let storage: Storage

  /// Takes over a plan that must not be changed afterwards.
  init(_ plan: EdgeMatrix<Float>) {
    (rows, columns) = (plan.rows, plan.columns)
    storage = .single(plan)
  }

  init(_ plan: EdgeMatrix<Double>) {
    (rows, columns) = (plan.rows, plan.columns)
    storage = .double(plan)
  }

  /// The plan as a matrix, created on each access, with one row per point of the edge's first node.
  public var matrix: Matrix {
    switch storage {
    case .single(let plan): plan.matrix
    case .double(let plan): plan.matrix
    }
  }
}

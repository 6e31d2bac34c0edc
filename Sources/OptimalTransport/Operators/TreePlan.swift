import LinearAlgebra

/// The plan of an edge, in the precision it was computed in.
public struct TreePlan: Sendable {
  /// The solver's own memory, which nobody writes to any more: a barycenter on a large grid could not afford a copy.
  private enum Storage: @unchecked Sendable {
    case single(EdgeMatrix<Float>)
    case double(EdgeMatrix<Double>)
  }

  public let rows: Int
  public let columns: Int
  private let storage: Storage

  /// - Parameter plan: is not to be changed from now on.
  init(_ plan: EdgeMatrix<Float>) {
    (rows, columns) = (plan.rows, plan.columns)
    storage = .single(plan)
  }

  init(_ plan: EdgeMatrix<Double>) {
    (rows, columns) = (plan.rows, plan.columns)
    storage = .double(plan)
  }

  /// The plan as a matrix, formed anew: a row for each point of the edge's first node.
  public var matrix: Matrix {
    switch storage {
    case .single(let plan): plan.matrix
    case .double(let plan): plan.matrix
    }
  }
}

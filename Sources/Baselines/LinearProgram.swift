import CClp

/// Solves min ⟨c, x⟩ over A x = b, x ≥ 0 for one A and b and many c by the primal simplex method of COIN-OR's Clp.
///
/// Each solve starts from the basis of the previous one, which is feasible for every c.
final class LinearProgram {
  private let model: UnsafeMutableRawPointer
  private let count: Int

  /// Sets up the constraints.
  ///
  /// - Parameters:
  ///   - columns: the entries of each column of A as rows and values.
  ///   - right: the right-hand side b.
  init?(columns: [[(row: Int, value: Double)]], right: [Double]) {
    guard let model = Clp_newModel() else { return nil }
    self.model = model
    count = columns.count
    Clp_setLogLevel(model, 0)
    var starts: [Int32] = [0]
    for column in columns { starts.append(starts[starts.count - 1] + Int32(column.count)) }
    let rows = columns.flatMap { $0.map { Int32($0.row) } }
    let values = columns.flatMap { $0.map(\.value) }
    let zeros = [Double](repeating: 0, count: count)
    Clp_loadProblem(model, Int32(count), Int32(right.count), starts, rows, values, zeros, nil, zeros, right, right)
  }

  deinit { Clp_deleteModel(model) }

  /// Drops the basis, so that the next solution does not depend on earlier ones.
  func restart() {
    let (basic, atLower): (UInt8, UInt8) = (1, 3)
    Clp_copyinStatus(
      model, [UInt8](repeating: atLower, count: count) + [UInt8](repeating: basic, count: Int(Clp_numberRows(model))))
  }

  /// Returns the optimal x; nil if there is none or the simplex method failed.
  func solution(cost: [Double]) -> [Double]? {
    precondition(cost.count == count, "a cost for each column was expected")
    Clp_chgObjCoefficients(model, cost)
    guard Clp_primal(model, 0) == 0, Clp_isProvenOptimal(model) != 0, let x = Clp_getColSolution(model) else {
      return nil
    }
    return UnsafeBufferPointer(start: x, count: count).map { max($0, 0) }
  }
}

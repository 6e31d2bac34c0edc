import CGLPK

/// min ⟨c, x⟩ over A x = b, x ≥ 0, for one A and b and many c: the simplex method of GLPK, each solve from the basis of the one before.
final class LinearProgram {
  private let problem: OpaquePointer
  private let count: Int

  /// - Parameters:
  ///   - columns: the entries of each column of A, as rows and values.
  ///   - right: b.
  init?(columns: [[(row: Int, value: Double)]], right: [Double]) {
    guard let problem = glp_create_prob() else { return nil }
    self.problem = problem
    count = columns.count
    glp_add_rows(problem, Int32(right.count))
    glp_add_cols(problem, Int32(columns.count))
    for (row, value) in right.enumerated() { glp_set_row_bnds(problem, Int32(row + 1), GLP_FX, value, value) }
    // Its arrays count from 1.
    for (column, entries) in columns.enumerated() {
      glp_set_col_bnds(problem, Int32(column + 1), GLP_LO, 0, 0)
      glp_set_mat_col(
        problem, Int32(column + 1), Int32(entries.count), [0] + entries.map { Int32($0.row + 1) }, [0] + entries.map(\.value))
    }
  }

  deinit { glp_delete_prob(problem) }

  /// The best x; nil when there is none or the simplex method gave up.
  func solution(cost: [Double]) -> [Double]? {
    precondition(cost.count == count, "a cost for each column was expected")
    for (column, value) in cost.enumerated() { glp_set_obj_coef(problem, Int32(column + 1), value) }
    var options = glp_smcp()
    glp_init_smcp(&options)
    options.msg_lev = GLP_MSG_OFF
    options.presolve = GLP_OFF
    glp_std_basis(problem)
    glp_adv_basis(problem, 0)
    guard glp_simplex(problem, &options) == 0, glp_get_status(problem) == GLP_OPT else { return nil }
    return (0..<count).map { max(glp_get_col_prim(problem, Int32($0 + 1)), 0) }
  }
}

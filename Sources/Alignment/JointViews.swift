import CKernels
import Glibc
import LinearAlgebra
import OptimalTransport

/// F(P) = mean_c log max(r_c(P), 1e-3) over given views, and the linear costs that majorize it.
///
/// The logarithm is redescending: a view that no plan fits gets little weight, and a view in which the plan fits a
/// nuisance perfectly gains only logarithmically.
struct JointViews: Sendable {
  let views: [CrossView]

  /// The smallest ratio that is distinguished; smaller ones count as this.
  static let floor = 1e-3

  init(_ views: [CrossView]) { self.views = views }

  /// Returns r_c of each view at a plan.
  func ratios(of plan: Matrix) -> [Double] {
    let single = SinglePlan(plan)
    var (half, cost) = (
      [Float](repeating: 0, count: single.elements.count), [Float](repeating: 0, count: single.elements.count)
    )
    return views.map { $0.linearize(single, half: &half, cost: &cost) }
  }

  static func score(_ ratios: [Double]) -> Double {
    ratios.reduce(0) { $0 + log(max($1, floor)) } / Double(max(ratios.count, 1))
  }

  /// Writes the linear cost of a majorization step and returns r_c of each view.
  ///
  /// The cost is Σ_c w_c T_c / Σ_c w_c with w_c = 1/max(r_c, 1e-3), where T_c is in units of its value at the product
  /// plan. Views are split into four parts that run in parallel, so that sums do not depend on the number of threads.
  func linearize(_ plan: Matrix, into cost: inout Matrix) -> [Double] {
    let single = SinglePlan(plan)
    let count = single.elements.count
    let parts = min(4, views.count)
    var ratios = [Double](repeating: 0, count: views.count)
    var sums = [[Float]](repeating: [], count: parts)
    ratios.withUnsafeMutableBufferPointer { ratios in
      sums.withUnsafeMutableBufferPointer { sums in
        nonisolated(unsafe) let (ratios, sums) = (ratios, sums)
        // Each part uses one thread for its products too, because they are many and small.
        forEachIndependent(of: parts) { part in
          let range = views.count * part / parts..<views.count * (part + 1) / parts
          var (half, term) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
          var sum = term
          for c in range {
            ratios[c] = views[c].linearize(single, half: &half, cost: &term)
            ck_axpy_single(Float(1 / max(ratios[c], Self.floor)), term, &sum, count)
          }
          sums[part] = sum
        }
      }
    }
    let weight = ratios.reduce(0) { $0 + 1 / max($1, Self.floor) }
    var total = sums[0]
    for sum in sums.dropFirst() { ck_axpy_single(1, sum, &total, count) }
    cost = Matrix(rows: cost.rows, columns: cost.columns, elements: total.map { Double($0) / weight })
    return ratios
  }
}

import CKernels
import LinearAlgebra

/// The quadratic cost of the same view of both modalities, in units of its value at the product plan.
///
/// T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl is divided by g = ⟨T(a⊗b), a⊗b⟩, so that r(P) = ⟨T(P), P⟩ is 1 at the product
/// plan of a balanced problem.
struct CrossView: Sendable {
  private let first: SingleDistances
  private let second: SingleDistances
  /// The reciprocal 1/g of the unit.
  let unit: Double

  init(_ first: SingleDistances, _ second: SingleDistances, source: [Double], target: [Double]) {
    self.first = first
    self.second = second
    let mass = compensatedSum(source)
    let (a, b) = (Self.means(first, source), Self.means(second, target))
    let product = mass * (a.squares + b.squares) - 2 * a.distances * b.distances
    unit = product > 0 ? 1 / product : 1
  }

  /// The weighted means ⟨D, w wᵀ⟩ and ⟨D∘D, w wᵀ⟩.
  private static func means(_ d: SingleDistances, _ w: [Double]) -> (distances: Double, squares: Double) {
    var sums = (0.0, 0.0)
    for i in 0..<d.count {
      var row = (0.0, 0.0)
      for j in 0..<d.count {
        let distance = Double(d.elements[i * d.count + j])
        row.0 += distance * w[j]
        row.1 += distance * distance * w[j]
      }
      sums.0 += w[i] * row.0
      sums.1 += w[i] * row.1
    }
    return (sums.0, sums.1)
  }

  /// Computes T(P)/g into `cost` and returns r(P), by two matrix products in single precision.
  func linearize(_ plan: SinglePlan, half: inout [Float], cost: inout [Float]) -> Double {
    let (n, m) = (first.count, second.count)
    singlePrecisionProduct(first.elements, plan.elements, rows: n, inner: n, columns: m, into: &half)
    singlePrecisionProduct(half, second.elements, transposed: true, rows: n, inner: m, columns: m, into: &cost)
    let rows = Self.squaresApplied(first, plan.rowSums).map { Float($0 * unit) }
    let columns = Self.squaresApplied(second, plan.columnSums).map { Float($0 * unit) }
    let factor = Float(-2 * unit)
    let value = (0..<n).reduce(0.0) { sum, i in
      cost.withUnsafeMutableBufferPointer { cost in
        plan.elements.withUnsafeBufferPointer { plan in
          guard let (costs, masses) = cost.baseAddress.flatMap({ start in plan.baseAddress.map { (start, $0) } }) else {
            return sum
          }
          return sum + Double(ck_quadratic_row_single(rows[i], columns, factor, costs + i * m, masses + i * m, m))
        }
      }
    }
    return max(value, 0)
  }

  private static func squaresApplied(_ d: SingleDistances, _ w: [Double]) -> [Double] {
    let weights = w.map(Float.init)
    return d.elements.withUnsafeBufferPointer { elements in
      guard let start = elements.baseAddress else { return [] }
      return (0..<d.count).map { Double(ck_squared_dot_single(start + $0 * d.count, weights, d.count)) }
    }
  }
}

/// A plan in single precision with its marginals, normalized to the given mass so that the distortion does not depend
/// on the plan's total mass.
struct SinglePlan {
  let elements: [Float]
  let rowSums: [Double]
  let columnSums: [Double]

  init(_ plan: Matrix, mass: Double = 1) {
    let (rows, columns) = (plan.rowSums, plan.columnSums)
    let scale = mass / compensatedSum(rows)
    elements = plan.elements.map { Float($0 * scale) }
    rowSums = rows.map { $0 * scale }
    columnSums = columns.map { $0 * scale }
  }
}

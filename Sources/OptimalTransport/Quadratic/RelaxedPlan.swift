import CKernels
import Glibc
import LinearAlgebra

/// A plan π between weighted points with the sums that biconvex objectives need.
struct RelaxedPlan {
  var plan: Matrix
  private(set) var mass: Double
  /// The entropies Σ π log(π/(a⊗b)), Σ π1 log(π1/a), and Σ π2 log(π2/b), without their mass terms.
  private(set) var entropy: Double
  private(set) var sourceEntropy: Double
  private(set) var targetEntropy: Double

  /// Computes the marginals and entropies of a plan.
  ///
  /// - Parameters:
  ///   - plan: π.
  ///   - a: the source weights.
  ///   - b: the target weights.
  ///   - entropy: Σ π log(π/(a⊗b)), if the caller knows it; computed from the definition if nil.
  init(_ plan: Matrix, _ a: [Double], _ b: [Double], entropy: Double? = nil) {
    self.plan = plan
    let (rows, columns) = (plan.rowSums, plan.columnSums)
    mass = compensatedSum(rows)
    sourceEntropy = Self.entropy(rows, a)
    targetEntropy = Self.entropy(columns, b)
    self.entropy = entropy ?? Self.entropy(plan.elements, Matrix(outer: a, b).elements)
  }

  private static func entropy(_ p: [Double], _ q: [Double]) -> Double {
    compensatedSum(zip(p, q).map { $0 > 0 && $1 > 0 ? $0 * (log($0) - log($1)) : 0 })
  }

  /// Multiplies the plan by s.
  mutating func scale(by s: Double) {
    let count = plan.elements.count
    plan.withUnsafeMutableElements { elements in for index in 0..<count { elements[index] *= s } }
    let gain = s * log(s) * mass
    entropy = s * entropy + gain
    sourceEntropy = s * sourceEntropy + gain
    targetEntropy = s * targetEntropy + gain
    mass *= s
  }

  /// The L1 distance from another plan, as a fraction of the mass.
  func change(from other: RelaxedPlan) -> Double {
    plan.withUnsafeElements { x in other.plan.withUnsafeElements { ck_absolute_change(x, $0, plan.elements.count) } }
      / max(mass, 1e-300)
  }
}

import CKernels
import Glibc
import LinearAlgebra

/// A plan π between weighted points together with what bi-convex objectives ask of it.
struct RelaxedPlan {
  var plan: Matrix
  private(set) var mass: Double
  /// Σ π log(π/(a⊗b)), Σ π1 log(π1/a), Σ π2 log(π2/b): entropies without their mass terms.
  private(set) var entropy: Double
  private(set) var sourceEntropy: Double
  private(set) var targetEntropy: Double

  /// - Parameter entropy: Σ π log(π/(a⊗b)) where the caller knows it; computed from the definition when nil.
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

  /// s π.
  mutating func scale(by s: Double) {
    let count = plan.elements.count
    plan.withUnsafeMutableElements { elements in for index in 0..<count { elements[index] *= s } }
    let gain = s * log(s) * mass
    entropy = s * entropy + gain
    sourceEntropy = s * sourceEntropy + gain
    targetEntropy = s * targetEntropy + gain
    mass *= s
  }

  /// Σ |π − other| as a fraction of the mass.
  func change(from other: RelaxedPlan) -> Double {
    plan.withUnsafeElements { x in other.plan.withUnsafeElements { ck_absolute_change(x, $0, plan.elements.count) } } / max(mass, 1e-300)
  }
}

import CKernels
import Glibc
import LinearAlgebra

extension ScalingWorkspace {
  /// Writes P = diag(u) K diag(v) into `plan` and returns the squared Frobenius norm of its change.
  ///
  /// K must be consistent with the current potentials.
  package func writePlan(_ plan: inout Matrix) -> Double {
    precondition(precision == .double && kernel.rows == rows, "a plan needs K in double precision")
    var changes = [Double](repeating: 0, count: rows)
    kernel.withUnsafeElements { kernel in
      plan.withUnsafeMutableElements { plan in
        changes.withUnsafeMutableBufferPointer { changes in
          nonisolated(unsafe) let (u, v, kernel, plan, changes) = (u, v, kernel, plan, changes)
          let columns = columns
          forEachChunk(of: rows, chunks: chunks) { _, range in
            for i in range {
              changes[i] = ck_scaled_row(u[i], kernel + i * columns, v, plan + i * columns, columns)
            }
          }
        }
      }
    }
    return changes.reduce(0, +)
  }

  /// Returns Σ P log(P/(a⊗b)) of the plan last written for this cost.
  ///
  /// Since log(P_ij/(a_i b_j)) = (φ_i + ψ_j − C_ij)/ε, no logarithms are taken. Mass terms, which could cancel its
  /// digits, are left to the caller.
  package func entropy(of plan: Matrix, cost: Matrix) -> Double {
    let rowSums = plan.rowSums
    let columnSums = plan.columnSums
    var paired = -dot(cost.elements, plan.elements)
    for i in 0..<rows where source.weights[i] > 0 {
      paired += rowSums[i] * (f[i] + epsilon * (log(u[i]) - source.logWeights[i]))
    }
    for j in 0..<columns where target.weights[j] > 0 {
      paired += columnSums[j] * (g[j] + epsilon * (log(v[j]) - target.logWeights[j]))
    }
    return paired / epsilon
  }

  /// Returns KL(P | a⊗b) of the plan last written for this cost.
  package func relativeEntropy(of plan: Matrix, cost: Matrix) -> Double {
    entropy(of: plan, cost: cost) - compensatedSum(plan.rowSums) + source.mass * target.mass
  }

  /// Returns the residual of both optimality conditions of a finished plan, as a fraction of its mass.
  ///
  /// Passes check only one side; if ρ exceeds the digits of ε, the other side cannot be met.
  func optimalityError(_ plan: Matrix, _ potentials: Potentials) -> Double {
    MarginalSide.optimalityError(
      (source, plan.rowSums, potentials.source), (target, plan.columnSums, potentials.target))
  }

  /// Returns the dual potentials φ and ψ with P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε).
  ///
  /// At points of weight zero they are determined by the other side's potential and are always finite.
  package func potentials(_ cost: Matrix) -> Potentials {
    cost.withUnsafeElements(potentials)
  }

  private func potentials(_ cost: UnsafePointer<Double>) -> Potentials {
    let inverse = 1 / epsilon
    let phi = (0..<rows).map { i in
      source.weights[i] > 0
        ? f[i] + epsilon * (log(u[i]) - source.logWeights[i])
        : -epsilon * source.exponent * ck_log_sum_exp_row(g, cost + i * columns, inverse, columns)
    }
    let psi = (0..<columns).map { j in
      target.weights[j] > 0
        ? g[j] + epsilon * (log(v[j]) - target.logWeights[j])
        : -epsilon * target.exponent * ck_log_sum_exp_column(f, cost + j, columns, inverse, rows)
    }
    return Potentials(source: phi, target: psi)
  }
}

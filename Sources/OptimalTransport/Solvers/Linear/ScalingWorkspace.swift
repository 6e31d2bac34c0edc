import CKernels
import Foundation
import LinearAlgebra

/// The state of a Sinkhorn iteration between fixed marginals, kept in two parts so that nothing under- or overflows:
/// P_ij = u_i K_ij v_j with K_ij = exp((f_i + g_j − C_ij)/ε).
///
/// The potentials f, g change in the logarithmic pass; the scalings u, v change in the cheap scaling pass and are absorbed into f, g when
/// they leave [1e-100, 1e100]. Everything is allocated once; a workspace serves many costs and keeps its potentials as a warm start.
package final class ScalingWorkspace {
  package let rows: Int
  package let columns: Int
  let source: [Double]
  let target: [Double]
  package private(set) var epsilon: Double

  /// A copy of `source` where concurrent chunks can read it.
  private let weights: UnsafeMutablePointer<Double>
  let f: UnsafeMutablePointer<Double>
  let g: UnsafeMutablePointer<Double>
  let u: UnsafeMutablePointer<Double>
  let v: UnsafeMutablePointer<Double>
  let kernel: UnsafeMutablePointer<Double>
  private let singleKernel: UnsafeMutablePointer<Float>
  /// One row of column sums a chunk, and one row of exponentials a chunk.
  private let partialSums: UnsafeMutablePointer<Double>
  private let terms: UnsafeMutablePointer<Double>
  private let chunks: Int
  /// The v before the last pass, the extrapolated v that the next pass starts from, and the length of the present run of momentum.
  private let previousV: UnsafeMutablePointer<Double>
  private let trial: UnsafeMutablePointer<Double>
  private var momentum = 0.0
  private var lastError = Double.infinity

  /// How the entries of K are held. Sums are double in either, so that single precision only perturbs K, by at most 6e-8 relative: good
  /// for coming near the solution at half the memory traffic.
  package enum Precision { case single, double }
  package private(set) var precision = Precision.double

  /// Outside of this range the scalings are absorbed: their product with an entry of K lost to underflow stays below 1e-100, or 1e-17 in
  /// single precision.
  private var safeScalings: ClosedRange<Double> { precision == .double ? 1e-100...1e100 : 1e-10...1e10 }
  /// Outside of this range a sum of exponentials is computed again with its largest term taken out.
  private static let safeSums = 1e-200...1e200

  package init(source: [Double], target: [Double], epsilon: Double) {
    self.source = source
    self.target = target
    self.epsilon = epsilon
    rows = source.count
    columns = target.count
    // Fixed by the size alone, so that results do not depend on the number of threads; a chunk is about 0.05 ms of work.
    chunks = min(max(rows * columns / 131_072, 1), 16)
    func vector(_ count: Int, _ value: Double) -> UnsafeMutablePointer<Double> {
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: count)
      pointer.initialize(repeating: value, count: count)
      return pointer
    }
    weights = vector(rows, 0)
    weights.update(from: source, count: rows)
    f = vector(rows, 0)
    g = vector(columns, 0)
    u = vector(rows, 1)
    v = vector(columns, 1)
    previousV = vector(columns, 1)
    trial = vector(columns, 1)
    kernel = vector(rows * columns, 0)
    singleKernel = UnsafeMutablePointer<Float>.allocate(capacity: rows * columns)
    singleKernel.initialize(repeating: 0, count: rows * columns)
    partialSums = vector(chunks * columns, 0)
    terms = vector(chunks * columns, 0)
    for i in 0..<rows where source[i] == 0 { f[i] = -.infinity }
    for j in 0..<columns where target[j] == 0 { (g[j], v[j]) = (-.infinity, 0) }
  }

  deinit {
    for pointer in [weights, f, g, u, v, previousV, trial, kernel, partialSums, terms] { pointer.deallocate() }
    singleKernel.deallocate()
  }

  /// One Sinkhorn iteration on the potentials: rows, then columns, reading C once and taking one exponential an element.
  ///
  /// Row sums are taken at the current potentials, which near the solution need no maximum; a sum outside of [1e-200, 1e200] is
  /// taken again exactly. Returns ‖Pᵀ1 − b‖₁ between the two half steps, where P1 = a holds.
  package func logarithmicPass(_ cost: UnsafePointer<Double>) -> Double {
    let inverse = 1 / epsilon
    nonisolated(unsafe) let (f, g, cost, partialSums, terms) = (f, g, cost, partialSums, terms)
    let (columns, source, epsilon) = (columns, source, epsilon)
    forEachChunk(of: rows, chunks: chunks) { chunk, range in
      let sums = partialSums + chunk * columns
      let row = terms + chunk * columns
      sums.update(repeating: 0, count: columns)
      for i in range where source[i] > 0 {
        let costs = cost + i * columns
        let sum = ck_gibbs_row_sum(f[i], g, costs, inverse, row, columns)
        if Self.safeSums.contains(sum) {
          f[i] += epsilon * log(source[i] / sum)
          ck_axpy(source[i] / sum, row, sums, columns)
        } else {
          f[i] = epsilon * (log(source[i]) - ck_log_sum_exp_row(g, costs, inverse, columns))
          ck_gibbs_row(f[i], g, costs, inverse, row, columns)
          ck_axpy(1, row, sums, columns)
        }
      }
    }
    reduceSums()
    var error = 0.0
    for j in 0..<columns where target[j] > 0 {
      error += abs(partialSums[j] - target[j])
      if Self.safeSums.contains(partialSums[j]) {
        g[j] += epsilon * log(target[j] / partialSums[j])
      } else {
        g[j] = epsilon * (log(target[j]) - ck_log_sum_exp_column(f, cost + j, columns, inverse, rows))
      }
    }
    return error
  }

  /// Moves the scalings into the potentials, repairs these by one logarithmic pass, and computes K anew for the given cost, in the given
  /// precision. Returns what `logarithmicPass` does: the true residual, whatever the precision before was.
  @discardableResult
  package func absorb(_ cost: UnsafePointer<Double>, as precision: Precision) -> Double {
    foldScalings()
    let error = logarithmicPass(cost)
    self.precision = precision
    nonisolated(unsafe) let (f, g, cost, kernel, singleKernel) = (f, g, cost, kernel, singleKernel)
    let (columns, inverse) = (columns, 1 / epsilon)
    forEachChunk(of: rows, chunks: chunks) { _, range in
      for i in range {
        let start = i * columns
        switch precision {
        case .single: ck_gibbs_row_single(f[i], g, cost + start, inverse, singleKernel + start, columns)
        case .double: ck_gibbs_row(f[i], g, cost + start, inverse, kernel + start, columns)
        }
      }
    }
    return error
  }

  /// One Sinkhorn iteration on the scalings: u = a/(Kv), v = b/(Kᵀu), reading K once.
  ///
  /// The first v is extrapolated along the last change of log v with Nesterov's growing momentum, restarted whenever the residual rises
  /// (O'Donoghue and Candès 2015, DOI 10.1007/s10208-013-9150-3): Sinkhorn's map is a unit gradient step of the semi-dual in log v, so
  /// this takes its rate 1 − δ to about 1 − √δ. Returns ‖Pᵀ1 − b‖₁ between the two half steps. When a scaling would leave the safe
  /// range, it is absorbed instead.
  package func scalingPass(_ cost: UnsafePointer<Double>) -> Double {
    nonisolated(unsafe) let (u, trial, kernel, singleKernel) = (u, trial, kernel, singleKernel)
    nonisolated(unsafe) let (partialSums, weights) = (partialSums, weights)
    let (columns, precision) = (columns, precision)
    forEachChunk(of: rows, chunks: chunks) { chunk, range in
      let sums = partialSums + chunk * columns
      sums.update(repeating: 0, count: columns)
      let (first, start) = (range.lowerBound, range.lowerBound * columns)
      switch precision {
      case .single: ck_scaling_pass_single(singleKernel + start, range.count, columns, weights + first, trial, u + first, sums)
      case .double: ck_scaling_pass(kernel + start, range.count, columns, weights + first, trial, u + first, sums)
      }
    }
    reduceSums()
    var error = 0.0
    var isSafe = true
    for i in 0..<rows where source[i] > 0 && !safeScalings.contains(u[i]) { isSafe = false }
    for j in 0..<columns where target[j] > 0 {
      error += abs(trial[j] * partialSums[j] - target[j])
      isSafe = isSafe && safeScalings.contains(target[j] / partialSums[j])
    }
    guard isSafe else { return absorb(cost, as: precision) }
    previousV.update(from: v, count: columns)
    for j in 0..<columns where target[j] > 0 { v[j] = target[j] / partialSums[j] }
    momentum = error < lastError ? momentum + 1 : 0
    lastError = error
    ck_extrapolate(v, previousV, momentum / (momentum + 3), trial, columns)
    return error
  }

  private func foldScalings() {
    for i in 0..<rows where source[i] > 0 {
      if safeScalings.contains(u[i]) { f[i] += epsilon * log(u[i]) }
      u[i] = 1
    }
    for j in 0..<columns where target[j] > 0 {
      g[j] += epsilon * log(v[j])
      v[j] = 1
    }
    previousV.update(from: v, count: columns)
    trial.update(from: v, count: columns)
    momentum = 0
    lastError = .infinity
  }

  /// Adds the chunks' column sums up into the first, in their order.
  private func reduceSums() {
    for chunk in 1..<max(chunks, 1) { ck_axpy(1, partialSums + chunk * columns, partialSums, columns) }
  }
}

extension ScalingWorkspace {
  /// Writes P = diag(u) K diag(v) over `plan` and returns ‖P − previous content‖² (Frobenius). K must belong to the present potentials.
  package func writePlan(_ plan: inout Matrix) -> Double {
    var changes = [Double](repeating: 0, count: rows)
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
    return changes.reduce(0, +)
  }

  /// KL(P | a⊗b) of the plan last written for this cost: its logarithm is (φ_i + ψ_j − C_ij)/ε, so none need be taken.
  package func relativeEntropy(of plan: Matrix, cost: Matrix) -> Double {
    let rowSums = plan.rowSums
    let columnSums = plan.columnSums
    var paired = -dot(cost.elements, plan.elements)
    for i in 0..<rows where source[i] > 0 { paired += rowSums[i] * (f[i] + epsilon * log(u[i] / source[i])) }
    for j in 0..<columns where target[j] > 0 { paired += columnSums[j] * (g[j] + epsilon * log(v[j] / target[j])) }
    return paired / epsilon - rowSums.reduce(0, +) + compensatedSum(source) * compensatedSum(target)
  }

  /// The present dual potentials φ, ψ of the problem with entropy KL(P | a⊗b), so that P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε).
  ///
  /// At points of weight zero, where the plan says nothing, they are the soft minimum that the dual constraint asks for: always finite.
  package func potentials(_ cost: UnsafePointer<Double>) -> (source: [Double], target: [Double]) {
    let inverse = 1 / epsilon
    let phi = (0..<rows).map { i in
      source[i] > 0
        ? f[i] + epsilon * log(u[i] / source[i]) : -epsilon * ck_log_sum_exp_row(g, cost + i * columns, inverse, columns)
    }
    let psi = (0..<columns).map { j in
      target[j] > 0
        ? g[j] + epsilon * log(v[j] / target[j]) : -epsilon * ck_log_sum_exp_column(f, cost + j, columns, inverse, rows)
    }
    return (phi, psi)
  }
}

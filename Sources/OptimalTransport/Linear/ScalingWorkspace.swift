import CKernels
import Glibc
import LinearAlgebra

/// The state of a Sinkhorn iteration, split into potentials and scalings so that nothing overflows or underflows.
///
/// The plan is P_ij = u_i K_ij v_j with K_ij = exp((f_i + g_j − C_ij)/ε). The potentials f and g change in the
/// logarithmic pass. The scalings u and v change in the cheap scaling pass, and are absorbed into f and g when they
/// leave [1e-100, 1e100].
///
/// A workspace serves many costs and keeps its potentials as a warm start. Vectors are allocated at initialization,
/// and K when a pass first needs it, with 8 bytes per entry, of which single precision uses the first half.
/// `takePlan` turns K into the plan in place.
package final class ScalingWorkspace {
  package let rows: Int
  package let columns: Int
  private(set) var source: MarginalSide
  private(set) var target: MarginalSide
  package var epsilon: Double { source.epsilon }

  /// The source weights, readable by concurrent chunks, and φ/ε of the sources without their scalings.
  private let weights: UnsafeMutablePointer<Double>
  private let rest: UnsafeMutablePointer<Double>
  let f: UnsafeMutablePointer<Double>
  let g: UnsafeMutablePointer<Double>
  let u: UnsafeMutablePointer<Double>
  let v: UnsafeMutablePointer<Double>
  /// The memory of K; empty before a pass needs it, and after it has become a plan.
  private(set) var kernel = Matrix(rows: 0, columns: 0)
  /// One row of column sums and one row of exponentials per chunk.
  private let partialSums: UnsafeMutablePointer<Double>
  let terms: UnsafeMutablePointer<Double>
  let chunks: Int
  /// The v before the last pass, the extrapolated v from which the next pass starts, and the length of the current
  /// run of momentum.
  private let previousV: UnsafeMutablePointer<Double>
  private let trial: UnsafeMutablePointer<Double>
  private var momentum = 0.0
  private var lastError = Double.infinity

  /// The precision in which K is stored.
  ///
  /// Sums are double in either case, so that single precision perturbs only K, by at most a relative 6e-8. It brings
  /// the iteration close to the solution at half the memory traffic.
  package enum Precision { case single, double }
  package private(set) var precision = Precision.double

  /// The range outside of which scalings are absorbed.
  ///
  /// Within it, a scaling times an entry of K that underflowed stays below 1e-100, or 1e-17 in single precision.
  private var safeScalings: ClosedRange<Double> { precision == .double ? 1e-100...1e100 : 1e-10...1e10 }
  /// The range outside of which a sum of exponentials is recomputed with its largest term factored out.
  private static let safeSums = 1e-200...1e200

  package init(source: [Double], target: [Double], epsilon: Double, relaxation: MarginalRelaxation = .balanced) {
    self.source = MarginalSide(source, rho: relaxation.source, epsilon: epsilon)
    self.target = MarginalSide(target, rho: relaxation.target, epsilon: epsilon)
    rows = source.count
    columns = target.count
    // The size alone determines the chunks, so that results do not depend on the number of threads; a chunk is about
    // 0.05 ms of work.
    chunks = min(max(rows * columns / 131_072, 1), 16)
    func vector(_ count: Int, _ value: Double) -> UnsafeMutablePointer<Double> {
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: count)
      pointer.initialize(repeating: value, count: count)
      return pointer
    }
    weights = vector(rows, 0)
    weights.update(from: source, count: rows)
    rest = vector(rows, 0)
    f = vector(rows, 0)
    g = vector(columns, 0)
    u = vector(rows, 1)
    v = vector(columns, 1)
    previousV = vector(columns, 1)
    trial = vector(columns, 1)
    partialSums = vector(chunks * columns, 0)
    terms = vector(chunks * columns, 0)
    for i in 0..<rows { f[i] = epsilon * self.source.logWeights[i] }
    for j in 0..<columns { g[j] = epsilon * self.target.logWeights[j] }
    for j in 0..<columns where target[j] == 0 { v[j] = 0 }
  }

  deinit {
    for pointer in [weights, rest, f, g, u, v, previousV, trial, partialSums, terms] { pointer.deallocate() }
  }

  /// Continues with another ε and relaxation, from the current φ and ψ.
  package func set(epsilon new: Double, relaxation: MarginalRelaxation) {
    foldScalings()
    for i in 0..<rows where source.weights[i] > 0 { f[i] += (new - epsilon) * source.logWeights[i] }
    for j in 0..<columns where target.weights[j] > 0 { g[j] += (new - epsilon) * target.logWeights[j] }
    source.set(epsilon: new, rho: relaxation.source)
    target.set(epsilon: new, rho: relaxation.target)
  }

  /// Continues from given potentials f = φ + ε log a and g = ψ + ε log b, which are −∞ at points of weight zero.
  func load(_ f: [Double], _ g: [Double]) {
    foldScalings()
    self.f.update(from: f, count: rows)
    self.g.update(from: g, count: columns)
  }

  /// Performs one Sinkhorn iteration in the log domain: rows, then columns, with one pass over C and one exponential
  /// per entry.
  ///
  /// Row sums use the current potentials, which near the solution makes a maximum unnecessary; a sum outside of
  /// [1e-200, 1e200] is recomputed exactly. The result is the residual between the two half steps, when the source
  /// condition holds: the L1 distance of Pᵀ1 from b exp(−ψ/ρ2), as a fraction of the plan's mass.
  package func logarithmicPass(_ cost: Matrix) -> Double {
    requireFit(cost)
    return cost.withUnsafeElements(logarithmicPass)
  }

  private func logarithmicPass(_ cost: UnsafePointer<Double>) -> Double {
    let inverse = 1 / epsilon
    nonisolated(unsafe) let (f, g, cost, partialSums, terms) = (f, g, cost, partialSums, terms)
    let (columns, source) = (columns, source)
    forEachChunk(of: rows, chunks: chunks) { chunk, range in
      let sums = partialSums + chunk * columns
      let row = terms + chunk * columns
      sums.update(repeating: 0, count: columns)
      for i in range where source.weights[i] > 0 {
        let costs = cost + i * columns
        let sum = ck_gibbs_row_sum(f[i], g, costs, inverse, row, columns)
        let isSafe = Self.safeSums.contains(sum)
        let answer =
          isSafe
          ? source.answer(f[i], i, marginal: sum)
          : source.answer(i, logSum: ck_log_sum_exp_row(g, costs, inverse, columns))
        let factor = source.isFixed ? source.weights[i] / sum : exp((answer - f[i]) * inverse)
        f[i] = answer
        if isSafe, Self.safeSums.contains(factor) {
          ck_axpy(factor, row, sums, columns)
        } else {
          ck_gibbs_row(answer, g, costs, inverse, row, columns)
          ck_axpy(1, row, sums, columns)
        }
      }
    }
    reduceSums()
    var (error, mass) = (0.0, 0.0)
    for j in 0..<columns where target.weights[j] > 0 {
      let sum = partialSums[j]
      mass += sum
      error += target.violation(j, marginal: sum, rest: target.rest(g[j], j))
      g[j] =
        Self.safeSums.contains(sum)
        ? target.answer(g[j], j, marginal: sum)
        : target.answer(j, logSum: ck_log_sum_exp_column(f, cost + j, columns, inverse, rows))
    }
    translate()
    return MarginalSide.share(error, of: mass, source, target)
  }

  /// Absorbs the scalings into the potentials and recomputes K for the given cost and precision.
  ///
  /// One logarithmic pass refines the potentials. The result is its residual, which does not depend on the precision
  /// before.
  @discardableResult
  package func absorb(_ cost: Matrix, as precision: Precision) -> Double {
    foldScalings()
    let error = logarithmicPass(cost)
    for i in 0..<rows { rest[i] = source.rest(f[i], i) }
    self.precision = precision
    if kernel.elements.isEmpty { kernel = Matrix(rows: rows, columns: columns) }
    let (columns, inverse) = (columns, 1 / epsilon)
    cost.withUnsafeElements { cost in
      withKernel { double, single in
        nonisolated(unsafe) let (f, g, cost, double, single) = (f, g, cost, double, single)
        forEachChunk(of: rows, chunks: chunks) { _, range in
          for i in range {
            let start = i * columns
            switch precision {
            case .single: ck_gibbs_row_single(f[i], g, cost + start, inverse, single + start, columns)
            case .double: ck_gibbs_row(f[i], g, cost + start, inverse, double + start, columns)
            }
          }
        }
      }
    }
    return error
  }

  /// Performs one Sinkhorn iteration on the scalings, u = a/(Kv) and v = b/(Kᵀu) for prescribed marginals, with one
  /// pass over K.
  ///
  /// The initial v is extrapolated along the last change of log v with Nesterov's growing momentum, which is
  /// restarted whenever the residual increases (O'Donoghue and Candès, 2015, DOI 10.1007/s10208-013-9150-3).
  /// Sinkhorn's map is a unit gradient step of the semi-dual in log v, so momentum improves its rate from 1 − δ to
  /// about 1 − √δ. The result is the residual between the two half steps. Scalings that would leave the safe range
  /// are absorbed instead.
  package func scalingPass(_ cost: Matrix) -> Double {
    let (columns, precision, exponent) = (columns, precision, source.exponent)
    withKernel { double, single in
      nonisolated(unsafe) let (u, trial, double, single) = (u, trial, double, single)
      nonisolated(unsafe) let (partialSums, weights, rest) = (partialSums, weights, rest)
      forEachChunk(of: rows, chunks: chunks) { chunk, range in
        let sums = partialSums + chunk * columns
        sums.update(repeating: 0, count: columns)
        let (first, start) = (range.lowerBound, range.lowerBound * columns)
        let (a, phi, scalings) = (weights + first, rest + first, u + first)
        switch precision {
        case .single:
          ck_scaling_pass_single(single + start, range.count, columns, a, phi, exponent, trial, scalings, sums)
        case .double: ck_scaling_pass(double + start, range.count, columns, a, phi, exponent, trial, scalings, sums)
        }
      }
    }
    reduceSums()
    var (error, mass) = (0.0, 0.0)
    var isSafe = true
    for i in 0..<rows where source.weights[i] > 0 && !safeScalings.contains(u[i]) { isSafe = false }
    // The sums are replaced by the new v.
    for j in 0..<columns where target.weights[j] > 0 {
      let rest = target.isFixed ? 0 : target.rest(g[j], j) + log(trial[j])
      let marginal = trial[j] * partialSums[j]
      mass += marginal
      error += target.violation(j, marginal: marginal, rest: rest)
      partialSums[j] = target.scaling(g[j], j, sum: partialSums[j])
      isSafe = isSafe && safeScalings.contains(partialSums[j])
    }
    guard isSafe else { return absorb(cost, as: precision) }
    previousV.update(from: v, count: columns)
    for j in 0..<columns where target.weights[j] > 0 { v[j] = partialSums[j] }
    momentum = error < lastError ? momentum + 1 : 0
    lastError = error
    ck_extrapolate(v, previousV, momentum / (momentum + 3), trial, columns)
    translate()
    return MarginalSide.share(error, of: mass, source, target)
  }

  private func requireFit(_ cost: Matrix) {
    precondition(
      cost.rows == rows && cost.columns == columns,
      "a cost has a row for each source and a column for each target point")
  }

  /// Calls `body` with K in the precision in which it is stored.
  private func withKernel(
    _ body: (_ double: UnsafeMutablePointer<Double>, _ single: UnsafeMutablePointer<Float>) -> Void
  ) {
    precondition(kernel.rows == rows, "K must be absorbed before it is used")
    kernel.withUnsafeMutableElements { double in
      double.withMemoryRebound(to: Float.self, capacity: rows * columns) { single in body(double, single) }
    }
  }

  /// Turns K into P = diag(u) K diag(v) in place.
  ///
  /// K must be in double precision and consistent with the current potentials; it is empty until the next `absorb`.
  package func takePlan() -> Matrix {
    precondition(precision == .double, "a plan needs K in double precision")
    withKernel { kernel, _ in
      nonisolated(unsafe) let (u, v, kernel, terms) = (u, v, kernel, terms)
      let columns = columns
      forEachChunk(of: rows, chunks: chunks) { chunk, range in
        let buffer = terms + chunk * columns
        for i in range {
          _ = ck_scaled_row(u[i], kernel + i * columns, v, buffer, columns)
          (kernel + i * columns).update(from: buffer, count: columns)
        }
      }
    }
    defer { kernel = Matrix(rows: 0, columns: 0) }
    return kernel
  }

  private func foldScalings() {
    for i in 0..<rows where source.weights[i] > 0 {
      if safeScalings.contains(u[i]) { f[i] += epsilon * log(u[i]) }
      u[i] = 1
    }
    for j in 0..<columns where target.weights[j] > 0 {
      g[j] += epsilon * log(v[j])
      v[j] = 1
    }
    previousV.update(from: v, count: columns)
    trial.update(from: v, count: columns)
    momentum = 0
    lastError = .infinity
  }

  /// Shifts a constant between φ and ψ, which leaves P unchanged, so that the dual objective is maximal.
  ///
  /// The shift is λ = h log(⟨a, e^{−φ/ρ1}⟩ / ⟨b, e^{−ψ/ρ2}⟩) with h = ρ1ρ2/(ρ1 + ρ2) (Séjourné, Vialard, and Peyré,
  /// 2022, arXiv:2201.00730). Without it, the passes approach it only by a fraction ε/ρ per iteration.
  private func translate() {
    if source.isFixed && target.isFixed || source.rho == 0 || target.rho == 0 { return }
    let wished = logOfWishedMass(source, f, u) - logOfWishedMass(target, g, v)
    let lambda = wished / (1 / source.rho + 1 / target.rho)
    guard lambda.isFinite else { return }
    for i in 0..<rows {
      f[i] += lambda
      rest[i] += lambda / epsilon
    }
    for j in 0..<columns { g[j] -= lambda }
  }

  /// Returns log ⟨a, exp(−φ/ρ)⟩.
  private func logOfWishedMass(
    _ side: MarginalSide, _ potential: UnsafePointer<Double>, _ scaling: UnsafePointer<Double>
  ) -> Double {
    if side.isFixed { return log(side.mass) }
    let rate = side.epsilon / side.rho
    var (largest, sum) = (-Double.infinity, 0.0)
    for i in side.weights.indices where side.weights[i] > 0 {
      let term = side.logWeights[i] - rate * (side.rest(potential[i], i) + (scaling[i] == 1 ? 0 : log(scaling[i])))
      if term > largest {
        sum = sum * exp(largest - term) + 1
        largest = term
      } else {
        sum += exp(term - largest)
      }
    }
    return largest + log(sum)
  }

  /// Adds the column sums of all chunks to those of the first, in order.
  private func reduceSums() {
    for chunk in 1..<max(chunks, 1) { ck_axpy(1, partialSums + chunk * columns, partialSums, columns) }
  }
}

import Glibc
import LinearAlgebra
import OptimalTransport

/// Minimizes Σ_c φ(r_c(P)) over couplings by a sequence of entropic linear problems.
///
/// Each step solves min ⟨C(P), Q⟩ + ε KL(Q | a⊗b) by Sinkhorn's algorithm, warm-started from the previous potentials,
/// where C(P) is the linear cost that majorizes the objective at the current plan. ε decreases geometrically over the
/// first steps.
struct AnnealedDescent: Sendable {
  /// The schedule of ε.
  enum Schedule: Sendable {
    /// Decrease geometrically over the first steps.
    case falling(from: Double, to: Double, over: Int)
    /// Follow a fraction of the current distortion e^F, between an initial value and a lower limit.
    ///
    /// ε should blur no more than the modalities differ in.
    case following(share: Double, from: Double, atLeast: Double)
  }

  let schedule: Schedule
  /// The maximum number of steps.
  let steps: Int
  var relaxation = MarginalRelaxation.balanced

  /// The change ‖P⁺ − P‖₁ of the plan, as a fraction of the mass, below which the descent has converged.
  private static let tolerance = 1e-3
  /// A loose inner rule, because the next step is warm-started from the potentials of this one.
  private static let inner = StoppingRule(tolerance: 1e-4, iterationLimit: 200)

  struct Outcome {
    var plan: Matrix
    /// The marginal penalty Σ ρ KL at the end; 0 for prescribed marginals.
    let price: Double
    let status: Status
    let trace: Trace
  }

  /// Runs the descent.
  ///
  /// - Parameters:
  ///   - start: the initial plan, n×m.
  ///   - source: the source weights.
  ///   - target: the target weights.
  ///   - linearize: writes C(P) into its second argument and returns the objective at P.
  /// - Returns: the final plan, its penalty, and how the descent ended.
  func run(
    from start: Matrix, source: [Double], target: [Double], linearize: (Matrix, inout Matrix) -> Double
  ) -> Outcome {
    let workspace = ScalingWorkspace(
      source: source, target: target, epsilon: epsilon(step: 1, objective: 0), relaxation: relaxation)
    var (plan, previous) = (start, start)
    var cost = Matrix(rows: start.rows, columns: start.columns)
    let mass = compensatedSum(source)
    let run = iterate(StoppingRule(tolerance: Self.tolerance, iterationLimit: steps)) { step in
      let objective = linearize(plan, &cost)
      workspace.set(epsilon: epsilon(step: step, objective: objective), relaxation: relaxation)
      let inner = workspace.iterate(cost, stopping: Self.inner)
      _ = workspace.writePlan(&plan)
      let change = absoluteDifference(plan.elements, previous.elements) / mass
      previous = plan
      return .advanced(residual: change, objective: objective, isSettled: hasFallen(step) && inner.status.isConverged)
    }
    let price = relaxation == .balanced ? 0 : price(of: workspace.potentials(cost), source, target)
    return Outcome(plan: plan, price: price, status: run.status, trace: run.trace)
  }

  /// The penalty Σ ρ KL of the marginals a exp(−φ/ρ) that the potentials imply.
  ///
  /// The marginals of the plan differ from these by the residual of the last steps, which a large ρ would turn into a
  /// spurious penalty.
  private func price(of potentials: Potentials, _ source: [Double], _ target: [Double]) -> Double {
    [(relaxation.source, source, potentials.source), (relaxation.target, target, potentials.target)].reduce(0) {
      sum, side in
      let (rho, weights, potential) = side
      guard rho.isFinite else { return sum }
      // KL(a e^(−x) | a) = a (1 − e^(−x) − x e^(−x)).
      return sum + rho
        * zip(weights, potential).reduce(0) { $0 + $1.0 * (-expm1(-$1.1 / rho) - $1.1 / rho * exp(-$1.1 / rho)) }
    }
  }

  private func epsilon(step: Int, objective: Double) -> Double {
    switch schedule {
    case .falling(let first, let last, let steps):
      first * pow(last / first, min(1, Double(step - 1) / Double(max(steps - 1, 1))))
    case .following(let share, let first, let least):
      max(least, min(first, share * exp(objective)))
    }
  }

  private func hasFallen(_ step: Int) -> Bool {
    if case .falling(_, _, let steps) = schedule { step > steps } else { true }
  }
}

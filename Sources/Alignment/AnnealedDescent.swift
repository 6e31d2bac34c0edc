import Glibc
import LinearAlgebra
import OptimalTransport

/// Lowers Σ_c φ(r_c(P)) over couplings by repeated linear problems: each step solves min ⟨C(P), Q⟩ + ε KL(Q | a⊗b), where C(P) is the present plan's
/// linear cost, by Sinkhorn scaling from the potentials before. ε falls geometrically over the first steps.
struct AnnealedDescent: Sendable {
  /// How ε goes.
  enum Schedule: Sendable {
    /// Geometrically over the first steps.
    case falling(from: Double, to: Double, over: Int)
    /// A share of the distortion e^F that is left, from there down to a limit: what the modalities differ in is what ε should blur.
    case following(share: Double, from: Double, atLeast: Double)
  }

  let schedule: Schedule
  /// All steps, at most.
  let steps: Int
  var relaxation = MarginalRelaxation.balanced

  /// The change ‖P⁺ − P‖₁, a fraction of the mass, at which the descent is at rest.
  private static let tolerance = 1e-3
  /// Each step need only come near: the next starts from its potentials.
  private static let inner = StoppingRule(tolerance: 1e-4, iterationLimit: 200)

  struct Outcome {
    var plan: Matrix
    /// What relaxed marginals pay for departing from the prescribed ones, Σ ρ KL; 0 between fixed marginals.
    let price: Double
    let status: Status
    let trace: Trace
  }

  /// - Parameter linearize: writes C(P) and returns the objective at P.
  func run(
    from start: Matrix, source: [Double], target: [Double], linearize: (Matrix, inout Matrix) -> Double
  ) -> Outcome {
    let workspace = ScalingWorkspace(source: source, target: target, epsilon: epsilon(step: 1, objective: 0), relaxation: relaxation)
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

  /// Σ ρ KL of the marginals a exp(−φ/ρ) that the potentials ask for. Those of the plan, which the last steps only come near to, differ from these by the
  /// residual; a large ρ would make a price of that.
  private func price(of potentials: Potentials, _ source: [Double], _ target: [Double]) -> Double {
    [(relaxation.source, source, potentials.source), (relaxation.target, target, potentials.target)].reduce(0) { sum, side in
      let (rho, weights, potential) = side
      guard rho.isFinite else { return sum }
      // KL(a e^(−x) | a) = a (1 − e^(−x) − x e^(−x)).
      return sum + rho * zip(weights, potential).reduce(0) { $0 + $1.0 * (-expm1(-$1.1 / rho) - $1.1 / rho * exp(-$1.1 / rho)) }
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

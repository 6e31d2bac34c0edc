import Foundation
import LinearAlgebra

/// Entropic optimal transport between fixed marginals:
///
///     min  ⟨C, P⟩ + ε KL(P | a⊗b)   over P ≥ 0 with P1 = a, Pᵀ1 = b,      KL(p|q) = Σ p log(p/q) − p + q.
///
/// Algorithm: Sinkhorn's alternating scaling (Cuturi 2013, arXiv:1306.0895), with the scalings absorbed into potentials when they grow
/// (Schmitzer 2019, DOI 10.1137/16M1106018).
///
/// The problem is strictly convex: the iteration tends to its one solution from any start, linearly, and the slower the smaller ε is
/// against the range of C. The residual is ‖Pᵀ1 − b‖₁ after a half step that makes P1 = a; the result may be short of the answer when
/// the status is not `converged`, but it is never NaN, at any ε. Points of weight zero get no mass and finite potentials.
///
/// Time O(nm) an iteration; memory two n×m matrices with the cost.
///
///     let problem = try LinearProblem(cost: cost)
///     let solution = try Sinkhorn(epsilon: 0.01).solve(problem)
///     print(solution.status, solution.transportCost)
public struct Sinkhorn: Sendable {
  /// How the iteration is carried out. Both give the same iterates up to rounding.
  public enum Form: String, Sendable, CaseIterable {
    /// Matrix–vector scaling, one multiplication an element, absorbed into potentials where it must be. The fast form.
    case scaling
    /// Log-sum-exp on the potentials, one exponential an element. The careful form, a few times slower.
    case logarithmic
  }

  /// ε > 0, in units of the cost; not relative to its range. Large: the plan tends to a⊗b. Small: it tends to an optimal plan.
  public var epsilon: Double
  public var form: Form
  /// Tolerance on the residual above (absolute, in units of mass), iteration limit, and how often to look.
  public var stopping: StoppingRule

  public init(
    epsilon: Double, form: Form = .scaling,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.form = form
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Throws: `ProblemError.parameter` when ε is not positive or the stopping rule makes no sense.
  public func solve(_ problem: LinearProblem, monitor: Monitor? = nil) throws(ProblemError) -> EntropicSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    let workspace = ScalingWorkspace(source: problem.source, target: problem.target, epsilon: epsilon)
    return problem.cost.withUnsafeElements { cost in
      let run = iterate(workspace, cost: cost, monitor: monitor)
      workspace.absorb(cost, as: .double)
      var plan = Matrix(rows: workspace.rows, columns: workspace.columns)
      _ = workspace.writePlan(&plan)
      let coupling = Coupling(plan: plan, source: problem.source, target: problem.target)
      return EntropicSolution(
        coupling: coupling,
        potentials: workspace.potentials(cost), cost: problem.cost, epsilon: epsilon,
        status: coupling.confirming(run.status, tolerance: stopping.tolerance),
        iterations: run.iterations, trace: run.trace)
    }
  }

  /// Runs the iteration on a workspace from its present potentials.
  func iterate(
    _ workspace: ScalingWorkspace, cost: UnsafePointer<Double>, monitor: Monitor? = nil
  ) -> (status: Status, iterations: Int, trace: Trace) {
    switch form {
    case .logarithmic:
      return OptimalTransport.iterate(stopping, monitor: monitor) { _ in
        .advanced(residual: workspace.logarithmicPass(cost))
      }
    case .scaling:
      // Where K is larger than the caches, single precision leads near the solution; the residual that counts is taken, and the rest of the
      // way gone, in double.
      workspace.absorb(cost, as: workspace.rows * workspace.columns >= mixedPrecisionSize ? .single : .double)
      let run = OptimalTransport.iterate(stopping, monitor: monitor) { _ in
        let residual = workspace.scalingPass(cost)
        let isNear = residual <= stopping.tolerance && workspace.precision == .single
        return .advanced(residual: isNear ? workspace.absorb(cost, as: .double) : residual)
      }
      if workspace.precision == .single { workspace.absorb(cost, as: .double) }
      return run
    }
  }
}

/// From this number of plan entries on, solvers use single precision where it does not touch the result. Smaller problems stay in the
/// caches, where it would gain nothing.
let mixedPrecisionSize = 65_536

/// The solution of an entropic linear problem.
public struct EntropicSolution: Sendable {
  public let coupling: Coupling
  /// φ (n) and ψ (m) with P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε); determined up to a constant moved from one to the other.
  public let potentials: (source: [Double], target: [Double])
  /// ⟨C, P⟩.
  public let transportCost: Double
  /// ⟨C, P⟩ + ε KL(P | a⊗b): the primal objective at the returned plan.
  public let value: Double
  /// ⟨a, φ⟩ + ⟨b, ψ⟩ − ε (Σ a_i b_j exp((φ_i + ψ_j − C_ij)/ε) − m²), m the mass: at most the optimum whatever the accuracy, so that
  /// `value − dualValue` bounds the error of an exactly feasible plan.
  public let dualValue: Double
  public let status: Status
  public let iterations: Int
  /// The residual is ‖Pᵀ1 − b‖₁.
  public let trace: Trace

  init(
    coupling: Coupling, potentials: (source: [Double], target: [Double]), cost: Matrix, epsilon: Double, status: Status,
    iterations: Int, trace: Trace
  ) {
    self.coupling = coupling
    self.potentials = potentials
    self.status = status
    self.iterations = iterations
    self.trace = trace
    let (a, b) = (coupling.source, coupling.target)
    let mass = coupling.plan.elements.reduce(0, +)
    transportCost = dot(cost.elements, coupling.plan.elements)
    // log(P_ij / a_i b_j) = (φ_i + ψ_j − C_ij)/ε exactly, so the entropy needs no logarithm.
    let paired = dot(coupling.plan.rowSums, potentials.source) + dot(coupling.plan.columnSums, potentials.target)
    let product = compensatedSum(a) * compensatedSum(b)
    value = paired - epsilon * (mass - product)
    dualValue = dot(a, potentials.source) + dot(b, potentials.target) - epsilon * (mass - product)
  }
}

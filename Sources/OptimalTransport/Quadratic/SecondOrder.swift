import CKernels
import LinearAlgebra

/// Finds a vertex from which the conditional gradient method can continue at a plan P that no step improves to first
/// order.
///
/// Such a plan may be a saddle: the product plan of two symmetric spaces has a flat gradient. Two methods are used.
/// First, the first-order optimal vertex S may be lower itself, which a gap of zero does not show: f(S) = f(P) +
/// slope + curvature. Second, if P is a mixture of vertices, hence inside a face on which f may be concave, the
/// gradient is perturbed toward that of a random vertex R: H(P) + δ (H(R) − H(P)). On a flat face, the optimal vertex
/// then lies in the direction of T(R − P), which is one step of a power iteration for the most negative curvature. A
/// vertex that is its own optimum is final.
struct SecondOrder {
  private let problem: QuadraticProblem
  private let oracle: any LinearOracle
  /// By how much a vertex must be lower.
  private let leastGain: Double
  private var random = SeededGenerator(seed: 1, stream: "second-order")
  /// The number of attempts so far; a plan to which the iteration keeps returning is accepted in the end.
  private var looks = 0
  private var order: PairOrder?

  private static let tilt = 1e-3
  private static let draws = 3
  private static let mostLooks = 20

  /// Prepares the search.
  ///
  /// - Parameters:
  ///   - problem: the quadratic problem.
  ///   - oracle: the linear oracle of the descent.
  ///   - leastGain: by how much a vertex must be lower.
  init(_ problem: QuadraticProblem, _ oracle: any LinearOracle, leastGain: Double) {
    self.problem = problem
    self.oracle = oracle
    self.leastGain = leastGain
  }

  /// Searches for a vertex with a lower value than the plan's.
  ///
  /// - Parameters:
  ///   - value: the value of the plan.
  ///   - plan: the current plan.
  ///   - gradient: H at the plan.
  ///   - vertex: the first-order optimal vertex.
  ///   - objective: evaluates f; its half gradient is overwritten.
  /// - Returns: the vertex and its value; nil if none is found.
  /// - Throws: `ProblemError` if the linear problem is infeasible.
  mutating func lowerVertex(
    than value: Double, at plan: Matrix, _ gradient: Matrix, _ vertex: PlanVertex, _ objective: inout QuadraticObjective
  ) throws(ProblemError) -> (entries: [PlanEntry], value: Double)? {
    looks += 1
    guard looks <= Self.mostLooks, !isVertex(plan, vertex.entries) else { return nil }
    let reached = objective.value(of: vertex.entries)
    if reached < value - leastGain { return (vertex.entries, reached) }
    let order = self.order ?? CanonicalOrder.of(problem)
    self.order = order
    for _ in 0..<Self.draws {
      let noise = order.drawn { random.uniform() }
      let drawn = try oracle.vertex(for: problem.forbidding(noise), from: nil)
      objective.evaluate(drawn.entries)
      var tilted = objective.halfGradient
      tilted.withUnsafeMutableElements { tilted in
        gradient.withUnsafeElements { ck_blend(Self.tilt, 1 - Self.tilt, $0, tilted, gradient.elements.count) }
      }
      let best = try oracle.vertex(for: problem.forbidding(tilted), from: vertex)
      let reached = objective.value(of: best.entries)
      if reached < value - leastGain { return (best.entries, reached) }
    }
    return nil
  }

  private func isVertex(_ plan: Matrix, _ entries: [PlanEntry]) -> Bool {
    let inside = entries.reduce(0) { $0 + min(plan[$1.row, $1.column], $1.mass) }
    return inside > (1 - 1e-9) * compensatedSum(problem.source.weights)
  }
}

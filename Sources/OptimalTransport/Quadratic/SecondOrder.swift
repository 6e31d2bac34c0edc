import CKernels
import LinearAlgebra

/// Where a conditional gradient goes on from a plan P that no step improves to first order.
///
/// Such a plan may be a saddle: the product plan of two symmetric spaces has a flat gradient. Two things are tried. The vertex S that is best to
/// first order may be lower itself, which a gap of zero does not show: f(S) = f(P) + slope + curvature. And where P is a mixture of vertices, hence
/// in the inside of a face on which f may be concave, the gradient is tilted a little towards that of a random vertex R: H(P) + δ (H(R) − H(P)). On a
/// flat face the vertex that is best then lies in the direction of T(R − P), which is one step of the power iteration for the most negative
/// curvature. A vertex that is its own best answer counts as the end.
struct SecondOrder {
  private let problem: QuadraticProblem
  private let oracle: any LinearOracle
  /// What a vertex must be lower by.
  private let leastGain: Double
  private var random = SeededGenerator(seed: 1, stream: "second-order")
  /// A plan that has been left and come back to often enough is let be.
  private var looks = 0
  private var order: PairOrder?

  private static let tilt = 1e-3
  private static let draws = 3
  private static let mostLooks = 20

  /// - Parameter oracle: of the plans that the descent goes through.
  init(_ problem: QuadraticProblem, _ oracle: any LinearOracle, leastGain: Double) {
    self.problem = problem
    self.oracle = oracle
    self.leastGain = leastGain
  }

  /// A vertex with a lower value than the plan, and that value; nil when none is found.
  ///
  /// - Parameters:
  ///   - gradient: H at the plan.
  ///   - vertex: the best to first order.
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

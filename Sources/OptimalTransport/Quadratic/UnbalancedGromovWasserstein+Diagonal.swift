import Glibc
import LinearAlgebra

extension UnbalancedGromovWasserstein {
  /// Descends F(π, π) without entropy.
  func descendOnDiagonal(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> UnbalancedGromovWassersteinSolution {
    let (a, b) = (problem.source.weights, problem.target.weights)
    let side = BiconvexSide(
      source: a, target: b, epsilon: 0, relaxation: problem.relaxation, stopping: innerStopping,
      penalty: penalty.marginal)
    var objective = QuadraticObjective(problem)
    var plan = RelaxedPlan(start ?? problem.productPlan, a, b)
    var scale = 0.0

    let run = try iterate(stopping, monitor: monitor) { iteration throws(ProblemError) in
      let own = objective.evaluate(plan.plan, featureWeight: featureWeight(plan))
      let labels = (1 - problem.alpha) / 2 * own.linear
      func transport(_ other: RelaxedPlan) -> Double {
        dot(objective.halfGradient.elements, other.plan.elements) + labels
          * (featureTerm == .massWeighted ? other.mass : 1)
      }
      var cost = objective.halfGradient
      if featureTerm == .massWeighted, problem.features != nil { cost = cost.map { $0 + labels } }
      guard let answer = try side.answer(side.cost(plan, quadratic: cost, of: (a, b))) else {
        return .stalled(reason: "the best plan has no mass that a number can hold; ρ is too small for such distances")
      }
      // A start need not have the marginals that are prescribed.
      if iteration == 1, problem.relaxation.source.isInfinite || problem.relaxation.target.isInfinite {
        plan = answer
        return .advanced(residual: 1, isSettled: false)
      }
      let here = transport(plan) + side.penalties(plan, plan, otherSide: side).marginals
      let gain = here - transport(answer) - side.penalties(answer, plan, otherSide: side).marginals
      if scale == 0 { scale = max(abs(here), .leastNormalMagnitude) }
      let residual = abs(gain) / scale
      if residual <= stopping.tolerance {
        return .advanced(residual: residual, objective: here, isSettled: side.isSettled)
      }
      let (first, mixed) = (transport(plan), transport(answer))
      _ = objective.evaluate(answer.plan, featureWeight: featureWeight(answer))
      var last = dot(objective.halfGradient.elements, answer.plan.elements)
      last += (1 - problem.alpha) / 2 * linear(problem, answer) * (featureTerm == .massWeighted ? answer.mass : 1)
      let segment = Segment(
        transports: (first, mixed, last), penalty: penalty, relaxation: problem.relaxation, weights: (a, b),
        from: plan.plan,
        to: answer.plan)
      let (share, value) = segment.lowest
      if !(value < here) { return .stalled(reason: "rounding hides what a step would gain: \(gain) of \(here)") }
      var next = answer.plan
      if share < 1 {
        next = Matrix(rows: a.count, columns: b.count) { (1 - share) * plan.plan[$0, $1] + share * answer.plan[$0, $1] }
      }
      plan = RelaxedPlan(next, a, b)
      return .advanced(residual: residual, objective: here)
    }
    return UnbalancedGromovWassersteinSolution(
      coupling: Coupling(plan: plan.plan, source: a, target: b), mass: plan.mass,
      parts: objective.report(plan.plan), penalties: side.penalties(plan, plan, otherSide: side),
      featureMass: featureWeight(plan), potentials: side.potentials, run: run, innerIterations: side.innerIterations)
  }

  /// ⟨M, π⟩.
  private func linear(_ problem: QuadraticProblem, _ plan: RelaxedPlan) -> Double {
    problem.features.map { dot($0.elements, plan.plan.elements) } ?? 0
  }
}

/// F on the diagonal along (1 − τ) π + τ s: a polynomial of second degree and penalties of the marginals.
private struct Segment {
  private let transports: (Double, Double, Double)
  private let sides: [(rho: Double, weights: [Double], from: [Double], to: [Double])]
  private let penalty: ProductPenalty

  init(
    transports: (Double, Double, Double), penalty: ProductPenalty, relaxation: MarginalRelaxation,
    weights: ([Double], [Double]),
    from plan: Matrix, to answer: Matrix
  ) {
    (self.transports, self.penalty) = (transports, penalty)
    sides = [
      (relaxation.source, weights.0, plan.rowSums, answer.rowSums),
      (relaxation.target, weights.1, plan.columnSums, answer.columnSums),
    ].filter { $0.0 > 0 && $0.0 < .infinity }
  }

  /// F at τ.
  private func value(_ share: Double) -> Double {
    let rest = 1 - share
    let transport = rest * rest * transports.0 + 2 * rest * share * transports.1 + share * share * transports.2
    return sides.reduce(transport) { sum, side in
      let p = zip(side.from, side.to).map { rest * $0 + share * $1 }
      switch penalty {
      case .l2: return sum + side.rho / 2 * BiconvexSide.squaredDistance(p, side.weights, p, side.weights)
      case .kl:
        let (mass, own) = (compensatedSum(p), compensatedSum(side.weights))
        let entropy = compensatedSum(zip(p, side.weights).map { $0 > 0 && $1 > 0 ? $0 * (log($0) - log($1)) : 0 })
        return sum + side.rho * (2 * mass * entropy - mass * mass + own * own)
      }
    }
  }

  /// The τ in (0, 1] that is best of powers of two, or better between its neighbours, by golden sections.
  var lowest: (share: Double, value: Double) {
    var best = (share: 1.0, value: value(1))
    var share = 0.5
    for _ in 0..<30 {
      let here = value(share)
      if here < best.value { best = (share, here) }
      share /= 2
    }
    var (low, high) = (best.share / 2, min(1, 2 * best.share))
    let ratio = (5.0.squareRoot() - 1) / 2
    for _ in 0..<40 {
      let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
      let (atLeft, atRight) = (value(left), value(right))
      for (share, here) in [(left, atLeft), (right, atRight)] where here < best.value { best = (share, here) }
      if atLeft < atRight { high = right } else { low = left }
    }
    return best
  }
}

import Glibc
import LinearAlgebra

/// The terms of F(π, γ) on a tree other than ⟨T(γ), π⟩, which depend only on the marginals of π and γ.
struct TreeFunctional {
  private let problem: TreeGromovWassersteinProblem
  private let measures: TreeMeasures
  private var marginals: [TreeMarginal] { measures.marginals }

  init(_ problem: TreeGromovWassersteinProblem) {
    self.problem = problem
    measures = TreeMeasures(problem.spaces.map(\.marginal), problem.reference)
  }

  /// The marginals and entropies of a plan that F depends on.
  struct State {
    var nodeMarginals: [[Double]]
    var mass: Double
    /// The entropy H = Σ π log(π/R).
    var entropy: Double
    /// The terms L_i = Σ π_i log(π_i/μ_i); 0 on free and prescribed nodes.
    var divergences: [Double]

    var isUsable: Bool { mass > 1e-280 && mass.isFinite && entropy.isFinite && divergences.allSatisfy { $0.isFinite } }

    /// Multiplies the plan by s.
    mutating func scale(by s: Double) {
      let gain = s * log(s) * mass
      for node in nodeMarginals.indices { for x in nodeMarginals[node].indices { nodeMarginals[node][x] *= s } }
      entropy = s * entropy + gain
      for node in divergences.indices where divergences[node] != 0 { divergences[node] = s * divergences[node] + gain }
      mass *= s
    }
  }

  /// Computes the marginals and entropies of a plan.
  ///
  /// - Parameters:
  ///   - plans: the edge plans.
  ///   - entropy: H if it is known; otherwise it is Σ_e Σ π_e log π_e − Σ_i (deg i − 1) Σ π_i log π_i − Σ_i Σ π_i log
  ///     r_i.
  /// - Returns: the state of the plan.
  func state<Scalar>(_ plans: [EdgeMatrix<Scalar>], entropy: Double? = nil) -> State {
    let topology = problem.topology
    let nodeMarginals = topology.nodeSums(plans, of: marginals)
    func negentropy(_ p: [Double]) -> Double { compensatedSum(p.map { $0 > 0 ? $0 * log($0) : 0 }) }
    func cross(_ p: [Double], _ logs: [Double]) -> Double { compensatedSum(zip(p, logs).map { $0 > 0 ? $0 * $1 : 0 }) }
    var total = entropy ?? 0
    if entropy == nil {
      for plan in plans {
        for index in 0..<plan.count where plan.elements[index] > 0 {
          let value = Double(plan.elements[index])
          total += value * log(value)
        }
      }
      for node in marginals.indices {
        total -=
          Double(topology.degree(node) - 1) * negentropy(nodeMarginals[node])
          + cross(nodeMarginals[node], measures.logReferences[node])
      }
    }
    let divergences = marginals.indices.map { node in
      marginals[node].isFree || marginals[node].isFixed
        ? 0 : negentropy(nodeMarginals[node]) - cross(nodeMarginals[node], measures.logWeights[node])
    }
    return State(
      nodeMarginals: nodeMarginals, mass: compensatedSum(nodeMarginals[0]), entropy: total, divergences: divergences)
  }

  /// The edge marginals of the product of all node measures, uniform on free nodes, with the prescribed mass or the
  /// geometric mean of the masses.
  func productPlans<Scalar: TreeScalar>() -> [EdgeMatrix<Scalar>] {
    let weights = marginals.map { $0.weights ?? .uniform($0.count) }
    let masses = weights.map { compensatedSum($0) }
    let own = marginals.indices.filter { marginals[$0].weights != nil }
    let prescribed = marginals.indices.first { marginals[$0].isFixed }.map { masses[$0] }
    let mass = prescribed ?? (own.isEmpty ? 1 : exp(own.reduce(0) { $0 + log(masses[$1]) } / Double(own.count)))
    return problem.topology.edges.map { edge in
      let plan = EdgeMatrix<Scalar>(rows: weights[edge.first].count, columns: weights[edge.second].count)
      for (i, a) in weights[edge.first].enumerated() {
        let share = mass * (a / masses[edge.first]) / masses[edge.second]
        for (j, b) in weights[edge.second].enumerated() { plan.elements[i * plan.columns + j] = Scalar(share * b) }
      }
      return plan
    }
  }

  /// The constant k0, the part of F(·, γ) that multiplies the mass.
  ///
  /// - Parameters:
  ///   - state: the state of γ.
  ///   - features: the linear feature term of γ.
  ///   - epsilon: ε.
  ///   - penaltyScale: a factor of all ρ_i.
  /// - Returns: k0.
  func constant(_ state: State, features: Double, epsilon: Double, penaltyScale: Double = 1) -> Double {
    marginals.indices.reduce(epsilon * state.entropy + features) { sum, node in
      marginals[node].isFree || marginals[node].isFixed
        ? sum : sum + penaltyScale * marginals[node].relaxation * state.divergences[node]
    }
  }

  /// Returns Σ ρ_i KL(π_i⊗γ_i | μ_i⊗μ_i).
  func penalty(_ p: State, _ q: State) -> Double {
    marginals.indices.reduce(0) { sum, node in
      guard !marginals[node].isFree, !marginals[node].isFixed else { return sum }
      let reference = compensatedSum(marginals[node].weights ?? [])
      let divergence =
        q.mass * p.divergences[node] + p.mass * q.divergences[node] - p.mass * q.mass + reference * reference
      return sum + marginals[node].relaxation * divergence
    }
  }

  /// Returns ε KL(π⊗γ | R⊗R) without ε m(R)², which for the counting measure would absorb every digit.
  func entropyTerm(_ p: State, _ q: State, epsilon: Double) -> Double {
    epsilon * (q.mass * p.entropy + p.mass * q.entropy - p.mass * q.mass)
  }

  /// Evaluates F(π, γ) without ε m(R)².
  ///
  /// - Parameters:
  ///   - linear: the linear cost Σ_e ⟨C_e(γ), π_e⟩.
  ///   - features: the linear feature term of γ.
  ///   - p: the state of π.
  ///   - q: the state of γ.
  ///   - epsilon: ε.
  ///   - penaltyScale: a factor of all ρ_i.
  /// - Returns: F(π, γ).
  func value(linear: Double, features: Double, _ p: State, _ q: State, epsilon: Double, penaltyScale: Double = 1)
    -> Double
  {
    linear + p.mass * features + penaltyScale * penalty(p, q) + entropyTerm(p, q, epsilon: epsilon)
  }
}

extension TreeGromovWassersteinProblem.EdgeCost {
  /// Returns ⟨M, π_e⟩; 0 without features.
  func featureCost<Scalar>(of plan: EdgeMatrix<Scalar>) -> Double {
    var paired = 0.0
    features?.withUnsafeElements { costs in
      for index in 0..<plan.count { paired += costs[index] * Double(plan.elements[index]) }
    }
    return paired
  }
}

extension TreeTopology {
  /// The node marginals π_i, each summed from the plan of one edge.
  func nodeSums<Scalar>(_ plans: [EdgeMatrix<Scalar>], of marginals: [TreeMarginal]) -> [[Double]] {
    var sums = marginals.map { $0.weights ?? .uniform($0.count) }
    for (edge, plan) in zip(edges, plans) { (sums[edge.first], sums[edge.second]) = plan.sums }
    return sums
  }
}

import Glibc
import LinearAlgebra

/// The terms of F(π, γ) on a tree that are not ⟨T(γ), π⟩, by the marginals of π and γ alone.
struct TreeFunctional {
  private let problem: TreeGromovWassersteinProblem
  private let measures: TreeMeasures
  private var marginals: [TreeMarginal] { measures.marginals }

  init(_ problem: TreeGromovWassersteinProblem) {
    self.problem = problem
    measures = TreeMeasures(problem.spaces.map(\.marginal), problem.reference)
  }

  /// What F asks of a plan.
  struct State {
    var nodeMarginals: [[Double]]
    var mass: Double
    /// H = Σ π log(π/R).
    var entropy: Double
    /// L_i = Σ π_i log(π_i/μ_i), 0 on nodes without a price.
    var divergences: [Double]

    var isUsable: Bool { mass > 1e-280 && mass.isFinite && entropy.isFinite && divergences.allSatisfy { $0.isFinite } }

    /// s π.
    mutating func scale(by s: Double) {
      let gain = s * log(s) * mass
      for node in nodeMarginals.indices { for x in nodeMarginals[node].indices { nodeMarginals[node][x] *= s } }
      entropy = s * entropy + gain
      for node in divergences.indices where divergences[node] != 0 { divergences[node] = s * divergences[node] + gain }
      mass *= s
    }
  }

  /// - Parameter entropy: H where it is known; else from H = Σ_e Σ π_e log π_e − Σ_i (deg i − 1) Σ π_i log π_i − Σ_i Σ π_i log r_i.
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
          Double(topology.degree(node) - 1) * negentropy(nodeMarginals[node]) + cross(nodeMarginals[node], measures.logReferences[node])
      }
    }
    let divergences = marginals.indices.map { node in
      marginals[node].isFree || marginals[node].isFixed
        ? 0 : negentropy(nodeMarginals[node]) - cross(nodeMarginals[node], measures.logWeights[node])
    }
    return State(nodeMarginals: nodeMarginals, mass: compensatedSum(nodeMarginals[0]), entropy: total, divergences: divergences)
  }

  /// The edge marginals of the product of all node measures, uniform on free nodes, with the prescribed mass or the geometric mean of all.
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

  /// k0, the part of F(·, γ) that multiplies the mass.
  ///
  /// - Parameter firmness: a factor on all ρ_i, here and below.
  func constant(_ state: State, labels: Double, epsilon: Double, firmness: Double = 1) -> Double {
    marginals.indices.reduce(epsilon * state.entropy + labels) { sum, node in
      marginals[node].isFree || marginals[node].isFixed ? sum : sum + firmness * marginals[node].relaxation * state.divergences[node]
    }
  }

  /// Σ ρ_i KL(π_i⊗γ_i | μ_i⊗μ_i).
  func penalty(_ p: State, _ q: State) -> Double {
    marginals.indices.reduce(0) { sum, node in
      guard !marginals[node].isFree, !marginals[node].isFixed else { return sum }
      let reference = compensatedSum(marginals[node].weights ?? [])
      let divergence = q.mass * p.divergences[node] + p.mass * q.divergences[node] - p.mass * q.mass + reference * reference
      return sum + marginals[node].relaxation * divergence
    }
  }

  /// ε KL(π⊗γ | R⊗R) without ε m(R)², which for the counting measure would swallow every digit.
  func entropyTerm(_ p: State, _ q: State, epsilon: Double) -> Double {
    epsilon * (q.mass * p.entropy + p.mass * q.entropy - p.mass * q.mass)
  }

  /// F(π, γ) without ε m(R)².
  ///
  /// - Parameters:
  ///   - linear: Σ_e ⟨C_e(γ), π_e⟩.
  ///   - labels: of γ.
  func value(linear: Double, labels: Double, _ p: State, _ q: State, epsilon: Double, firmness: Double = 1) -> Double {
    linear + p.mass * labels + firmness * penalty(p, q) + entropyTerm(p, q, epsilon: epsilon)
  }
}

extension TreeGromovWassersteinProblem.EdgeCost {
  /// ⟨M, π_e⟩; 0 without features.
  func featureCost<Scalar>(of plan: EdgeMatrix<Scalar>) -> Double {
    var paired = 0.0
    features?.withUnsafeElements { costs in for index in 0..<plan.count { paired += costs[index] * Double(plan.elements[index]) } }
    return paired
  }
}

extension TreeTopology {
  /// π_i, summed from an edge's plan at each node.
  func nodeSums<Scalar>(_ plans: [EdgeMatrix<Scalar>], of marginals: [TreeMarginal]) -> [[Double]] {
    var sums = marginals.map { $0.weights ?? .uniform($0.count) }
    for (edge, plan) in zip(edges, plans) { (sums[edge.first], sums[edge.second]) = plan.sums }
    return sums
  }
}

import LinearAlgebra

@testable import SolverCatalogue

/// `coot`.
enum CoOptimalConformance: SolverConformance {
  typealias Solver = CoOptimalSolver

  static let pot = ["ot.coot.co_optimal_transport2"]
  static let choices = [["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.coOptimal() }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    guard key == "sampleEpsilon" else { return nil }
    return draw.happens(0.5) ? ["sampleEpsilon=0.05", "featureEpsilon=\(draw.pick(["0", "0.05"]))"] : []
  }
}

/// `ucoot`.
enum UnbalancedCoOptimalConformance: SolverConformance {
  typealias Solver = UnbalancedCoOptimalSolver

  static let pot = ["ot.gromov.fused_unbalanced_across_spaces_divergence"]
  static let choices = [["X", "Y"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.unbalancedCoOptimal }
}

extension Certificate {
  private struct CoOptimalParts {
    let samples: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
    let features: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
  }

  private var coOptimalParts: CoOptimalParts? {
    guard let p = matrices["sample_plan"], let q = matrices["feature_plan"], let x = given("X"), let y = given("Y") else { return nil }
    var (samples, features) = (Matrix(rows: p.rows, columns: p.columns), Matrix(rows: q.rows, columns: q.columns))
    for i in 0..<p.rows {
      for j in 0..<p.columns {
        for k in 0..<q.rows {
          for l in 0..<q.columns {
            let square = (x[i, k] - y[j, l]) * (x[i, k] - y[j, l])
            samples[i, j] += square * q[k, l]
            features[k, l] += square * p[i, j]
          }
        }
      }
    }
    return CoOptimalParts(
      samples: (p, weights("a", x.rows), weights("b", y.rows), samples),
      features: (q, weights("c", x.columns), weights("d", y.columns), features))
  }

  /// Neither plan can be improved for the other.
  fileprivate func coOptimal() throws -> [String] {
    guard let parts = coOptimalParts else { return ["a plan or table is missing"] }
    let scale = Self.largest(parts.samples.pull) * parts.samples.a.reduce(0, +)
    var faults = differs(
      "value", from: dot(parts.samples.pull, parts.samples.plan), scale: scale, by: 1e-6, rounded: square * parts.samples.a.reduce(0, +))
    for (name, key, side) in [("samples", "sampleEpsilon", parts.samples), ("features", "featureEpsilon", parts.features)] {
      faults += missed(side.plan, side.a, side.b)
      let epsilon = numericSetting(key) ?? 0
      // Samples answer the features before the last half step, up to the tolerance on the objective.
      if epsilon == 0 {
        faults += try improvable(side.pull, side.plan, side.a, side.b).map { "\(name): \($0)" }
      } else if name == "features" {
        faults += unstationary(
          side.pull, of: side.plan, side.a, side.b, entropy: epsilon, prescribed: (true, true), from: vector("f_features"),
          vector("g_features"), name: name)
      }
    }
    return faults
  }

  fileprivate var unbalancedCoOptimal: [String] {
    guard let parts = coOptimalParts, let epsilon = numericSetting("epsilon") else { return ["a plan, a table or ε is missing"] }
    var faults: [String] = []
    for (name, side, other) in [("samples", parts.samples, parts.features), ("features", parts.features, parts.samples)] {
      let gradient = relaxedGradient(
        side.pull, epsilon: epsilon, side.plan, side.a, side.b, other: other.plan, other.a, other.b)
      faults += unstationary(
        gradient, of: side.plan, side.a, side.b, entropy: epsilon * other.plan.elements.reduce(0, +), prescribed: prescribed,
        from: vector("f_\(name)"), vector("g_\(name)"), name: name, rounded: finitePrices * other.plan.elements.reduce(0, +))
    }
    return faults
  }
}

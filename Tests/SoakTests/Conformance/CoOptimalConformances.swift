import LinearAlgebra

@testable import SolverCatalogue

/// `coot`.
enum CoOptimalConformance: SolverConformance {
  typealias Solver = CoOptimalSolver

  static let pot = ["ot.coot.co_optimal_transport2"]
  static let choices = [["X", "Y"], ["X", "Y"], ["X", "Y", "MP"], ["X", "Y", "MQ", "MP"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.coOptimal() }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "sampleEpsilon": draw.happens(0.5) ? ["sampleEpsilon=0.05", "featureEpsilon=\(draw.pick(["0", "0.05"]))"] : []
    case "sampleAlpha", "featureAlpha": draw.happens(0.3) ? ["\(key)=\(draw.pick(["0", "0.5", "1e3"]))"] : []
    default: nil
    }
  }
}

/// `ucoot`.
enum UnbalancedCoOptimalConformance: SolverConformance {
  typealias Solver = UnbalancedCoOptimalSolver

  static let pot = ["ot.gromov.fused_unbalanced_across_spaces_divergence", "ot.gromov.unbalanced_co_optimal_transport"]
  static let choices = [["X", "Y"], ["X", "Y"], ["X", "Y", "MQ", "MP"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.unbalancedCoOptimal }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "epsilon": draw.happens(0.4) ? ["epsilon=0"] : nil
    case "featureEpsilon": draw.happens(0.3) ? ["featureEpsilon=\(draw.pick(["0", "0.05", "1"]))"] : []
    case "penalty": draw.settings.contains("epsilon=0") && draw.happens(0.5) ? ["penalty=l2"] : []
    case "sampleAlpha", "featureAlpha": draw.happens(0.3) ? ["\(key)=\(draw.pick(["0", "0.5", "1e3"]))"] : []
    default: nil
    }
  }
}

extension Certificate {
  private struct CoOptimalParts {
    let samples: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
    let features: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
    /// α MP and α MQ.
    let linear: (samples: Matrix, features: Matrix)
  }

  private var coOptimalParts: CoOptimalParts? {
    guard let p = matrices["sample_plan"], let q = matrices["feature_plan"], let x = given("X"), let y = given("Y")
    else { return nil }
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
    func linear(_ name: String, _ key: String, _ plan: Matrix) -> Matrix {
      let alpha = numericSetting(key) ?? 1
      return given(name)?.map { alpha * $0 } ?? Matrix(rows: plan.rows, columns: plan.columns)
    }
    let terms = (linear("MP", "sampleAlpha", p), linear("MQ", "featureAlpha", q))
    samples.add(terms.0)
    features.add(terms.1)
    return CoOptimalParts(
      samples: (p, weights("a", x.rows), weights("b", y.rows), samples),
      features: (q, weights("c", x.columns), weights("d", y.columns), features), linear: terms)
  }

  /// The most that linear terms may come to, in which rounding and tolerances are measured.
  private func linearSize(_ parts: CoOptimalParts) -> Double {
    Self.largest(parts.linear.samples) * max(parts.samples.a.reduce(0, +), parts.samples.plan.elements.reduce(0, +))
      + Self.largest(parts.linear.features)
      * max(parts.features.a.reduce(0, +), parts.features.plan.elements.reduce(0, +))
  }

  /// Neither plan can be improved for the other.
  fileprivate func coOptimal() throws -> [String] {
    guard let parts = coOptimalParts else { return ["a plan or table is missing"] }
    let scale = Self.largest(parts.samples.pull) * parts.samples.a.reduce(0, +) + linearSize(parts)
    let value = dot(parts.samples.pull, parts.samples.plan) + dot(parts.linear.features, parts.features.plan)
    var faults = differs(
      "value", from: value, scale: scale, by: 1e-6, rounded: square * parts.samples.a.reduce(0, +))
    for (name, key, side) in [
      ("samples", "sampleEpsilon", parts.samples), ("features", "featureEpsilon", parts.features),
    ] {
      faults += missed(side.plan, side.a, side.b)
      let epsilon = numericSetting(key) ?? 0
      // Samples answer the features before the last half step, up to the tolerance on the objective.
      if epsilon == 0 {
        faults += try improvable(side.pull, side.plan, side.a, side.b, atLeast: linearSize(parts)).map {
          "\(name): \($0)"
        }
      } else if name == "features" {
        faults += unstationary(
          side.pull, of: side.plan, side.a, side.b, entropy: epsilon, prescribed: (true, true),
          from: vector("f_features"),
          vector("g_features"), name: name)
      }
    }
    return faults
  }

  fileprivate var unbalancedCoOptimal: [String] {
    guard let parts = coOptimalParts, let epsilon = numericSetting("epsilon") else {
      return ["a plan, a table or ε is missing"]
    }
    let apart = numericSetting("featureEpsilon")
    var faults: [String] = []
    for (name, side, other, own) in [
      ("samples", parts.samples, parts.features, epsilon),
      ("features", parts.features, parts.samples, apart ?? epsilon),
    ] {
      let gradient = relaxedGradient(
        side.pull, epsilon: apart == nil ? epsilon : 0, side.plan, side.a, side.b, other: other.plan, other.a, other.b)
      let (f, g) = (vector("f_\(name)"), vector("g_\(name)"))
      let mass = other.plan.elements.reduce(0, +)
      if own == 0 {
        faults += unsettled(
          gradient, data: side.pull, of: side.plan, side.a, side.b, from: f, g, name: name,
          least: linearSize(parts) + square * mass * side.plan.elements.reduce(0, +) * 1e-9
            + penaltySize((side.a, side.b), (other.a, other.b)))
      } else {
        faults += unstationary(
          gradient, of: side.plan, side.a, side.b, entropy: own * (apart == nil ? mass : 1), prescribed: prescribed,
          from: f, g, name: name,
          rounded: finitePrices * mass + 1e-9 * linearSize(parts) / max(side.plan.elements.reduce(0, +), 1e-300))
      }
    }
    return faults
  }
}

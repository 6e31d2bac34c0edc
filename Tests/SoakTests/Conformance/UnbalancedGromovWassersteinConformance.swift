import LinearAlgebra
import TestSupport

@testable import SolverCatalogue

/// `ugw`.
enum UnbalancedGromovWassersteinConformance: SolverConformance {
  typealias Solver = UnbalancedGromovWassersteinSolver

  static let pot = ["ot.gromov.fused_unbalanced_gromov_wasserstein", "ot.gromov.fused_unbalanced_gromov_wasserstein2"]
  static let choices = [["D1", "D2"], ["X", "Y"], ["D1", "D2", "M"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.unbalancedGromovWasserstein }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "featureTerm": draw.happens(0.3) ? ["featureTerm=unweighted"] : []
    case "epsilon": draw.happens(0.4) ? ["epsilon=0"] : nil
    case "penalty": draw.settings.contains("epsilon=0") && draw.happens(0.5) ? ["penalty=l2"] : []
    default: nil
    }
  }
}

extension Certificate {
  /// F(π, π) of unbalanced Gromov–Wasserstein transport: half of its gradient vanishes.
  fileprivate var unbalancedGromovWasserstein: [String] {
    guard let plan = matrices["plan"], let d1 = space("D1", "X"), let d2 = space("D2", "Y"),
      let epsilon = numericSetting("epsilon")
    else {
      return ["plan, spaces or ε are missing"]
    }
    let (a, b) = balancedWeights(d1.rows, d2.rows)
    let features = given("M")
    let alpha = features == nil ? 1 : numericSetting("alpha") ?? 0.5
    let mass = plan.elements.reduce(0, +)
    let linear = features.map { dot($0, plan) } ?? 0
    let isWeighted = setting("featureTerm") != "unweighted"
    let pull = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      alpha / 2 * Self.pull(d1, d2, plan, i, j, kernel: nil) + (1 - alpha) / 2
        * (isWeighted ? linear + mass * (features?[i, j] ?? 0) : features?[i, j] ?? 0)
    }
    let gradient = relaxedGradient(pull, epsilon: epsilon, plan, a, b, other: plan, a, b)
    let quadratic = gromovWassersteinByDefinition(d1, d2, plan)
    let kept =
      (prescribed.0 ? missed("rows", plan.rowSums, a) : [])
      + (prescribed.1 ? missed("columns", plan.columnSums, b) : [])
    let isQuadratic = differs(
      "quadratic_value", from: quadratic, scale: quadratic + Self.largest(pull) * mass, by: 1e-6,
      rounded: square * (1 + square) * mass * mass)
    if epsilon == 0 {
      return kept + isQuadratic
        + unsettled(
          gradient, data: pull, of: plan, a, b, from: vector("f"), vector("g"),
          least: startValue(d1, d2, a, b, alpha, features))
    }
    return kept + isQuadratic
      + unstationary(
        gradient, of: plan, a, b, entropy: epsilon * mass, prescribed: prescribed, from: vector("f"), vector("g"),
        rounded: finitePrices * mass)
  }

  /// What the product of the weights is worth, penalties by their size, which the solver measures gains by.
  private func startValue(
    _ d1: Matrix, _ d2: Matrix, _ a: [Double], _ b: [Double], _ alpha: Double, _ features: Matrix?
  ) -> Double {
    let scale = (a.reduce(0, +) * b.reduce(0, +)).squareRoot()
    let product = Matrix(outer: a, b).map { $0 / scale }
    let mass = product.elements.reduce(0, +)
    return penaltySize((a, b), (a, b)) + alpha * gromovWassersteinByDefinition(d1, d2, product)
      + (1 - alpha) * (features.map { dot($0, product) } ?? 0) * max(1, mass)
  }
}

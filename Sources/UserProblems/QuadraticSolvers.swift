import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let quadratic = [gw, entropicGW, fgw, ugw, fot]

  private typealias Solve = @Sendable (QuadraticProblem, Matrix?) throws(ProblemError) -> GromovWassersteinSolution

  private static func spaces(
    _ fields: Fields
  ) throws(DocumentError) -> @Sendable (ProblemInputs) throws -> (source: MetricMeasureSpace, target: MetricMeasureSpace) {
    let metric: PointMetric = try fields.choice("metric", default: .euclidean, about: "between points, where X or Y stands for distances")
    let isSymmetric = try fields.bool(
      "symmetric", default: true, about: "whether D1 and D2 must be symmetric; false takes any square matrix")
    return { inputs in
      let source = try inputs.space("D1", "X", weights: "a", metric, isSymmetric: isSymmetric)
      let target = try inputs.space("D2", "Y", weights: "b", metric, isSymmetric: isSymmetric)
      return (source, target)
    }
  }

  private static func alpha(_ fields: Fields) throws(DocumentError) -> Double {
    try fields.number("alpha", default: 0.5, in: .from(0, to: 1), about: "share of the quadratic part, where there is M")
  }

  /// Conditional gradient or entropic steps, from one start or several.
  ///
  /// - Parameter epsilon: of the entropic steps; nil takes the conditional gradient.
  private static func solver(
    _ fields: Fields, epsilon: Double?
  ) throws(DocumentError) -> @Sendable (QuadraticProblem, Matrix?) throws -> SolverAnswer {
    let starts = try fields.integer(
      "starts", default: 1, in: 1...10_000, about: "how many starts; the lowest value is kept; 1 adds another where spaces are symmetric")
    let seed = try fields.integer("seed", default: 1, in: 0...Int.max, about: "of random starts")
    let solve: Solve
    let isEntropic = epsilon != nil
    if let epsilon {
      let step: EntropicGromovWasserstein.Step = try fields.choice("step", default: .mirrorDescent, about: "what a step descends")
      let solver = EntropicGromovWasserstein(
        epsilon: epsilon, step: step,
        stopping: try fields.stopping(tolerance: 1e-9, iterations: 1000, about: "change of the plan (Frobenius)"),
        innerStopping: try fields.innerStopping(tolerance: 1e-9, iterations: 1000))
      solve = { problem, start throws(ProblemError) in try solver.solve(problem, from: start) }
    } else {
      let solver = GromovWasserstein(
        stopping: try fields.stopping(
          tolerance: 1e-9, iterations: 1000, about: "duality gap, as a fraction of the product plan's objective"))
      solve = { problem, start throws(ProblemError) in try solver.solve(problem, from: start) }
    }
    return { problem, start in
      if starts == 1 { return answer(try solve(problem, start), isEntropic: isEntropic) }
      let report = try MultiStart(starts: starts, seed: UInt64(seed)).solve(problem, by: solve)
      var answer = answer(report.best, isEntropic: isEntropic)
      answer.numbers.append(("spread", report.spread))
      answer.arrays.append(("starts/value", NumericArray(report.values)))
      answer.arrays.append(("basins/value", NumericArray(report.basins.map(\.solution.regularizedValue))))
      answer.arrays.append(("basins/starts", NumericArray(integers: report.basins.map(\.starts.count))))
      return answer
    }
  }

  private static func answer(_ solution: GromovWassersteinSolution, isEntropic: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear)]
    if isEntropic { answer.numbers.append(("regularized_value", solution.regularizedValue)) }
    answer.add(solution.coupling)
    answer.add(solution.potentials)
    return answer
  }

  private static let gw = conditionalGradient(
    "gw", "Gromov–Wasserstein with square loss, min Σ (D1_ik − D2_jl)² P_ij P_kl, by conditional gradient", isFused: false)

  private static let fgw = conditionalGradient(
    "fgw", "fused Gromov–Wasserstein, min (1 − α) ⟨M, P⟩ + α GW²(P), by conditional gradient", isFused: true)

  private static func conditionalGradient(_ name: String, _ summary: String, isFused: Bool) -> SolverEntry {
    let inputs = InputDescription.spaces + (isFused ? [.features] : []) + [.startOfSpaces]
    return SolverEntry(name, summary, inputs: inputs, balances: [.sides]) { fields throws(DocumentError) in
      let spaces = try spaces(fields)
      let alpha = isFused ? try alpha(fields) : nil
      let solve = try solver(fields, epsilon: nil)
      return Job(memory: { try $0.memory(ofPlans: 8, distances: 1.5) }) { inputs in
        let (source, target) = try spaces(inputs)
        let features = isFused ? try inputs.requiredMatrix("M") : nil
        return try solve(QuadraticProblem(source: source, target: target, features: features, alpha: alpha), inputs.matrix("P0"))
      }
    }
  }

  private static let entropicGW = SolverEntry(
    "entropic-gw", "entropic Gromov–Wasserstein, fused where there is M, by mirror descent or proximal steps",
    inputs: InputDescription.spaces + [.features, .startOfSpaces], balances: [.sides]
  ) { fields throws(DocumentError) in
    let spaces = try spaces(fields)
    let alpha = try alpha(fields)
    let solve = try solver(
      fields,
      epsilon: fields.positiveNumber("epsilon", about: "weight of the entropy, in units of squared distances; POT's is twice ours"))
    return Job(memory: { try $0.memory(ofPlans: 10) }) { inputs in
      let (source, target) = try spaces(inputs)
      let features = try inputs.matrix("M")
      return try solve(
        QuadraticProblem(source: source, target: target, features: features, alpha: features == nil ? nil : alpha), inputs.matrix("P0"))
    }
  }

  private static let ugw = SolverEntry(
    "ugw", "unbalanced Gromov–Wasserstein with KL penalties, fused where there is M",
    inputs: InputDescription.spaces + [.features, .startOfSpaces], balances: [.sides]
  ) { fields throws(DocumentError) in
    let spaces = try spaces(fields)
    let alpha = try alpha(fields)
    let relaxation = try fields.relaxation()
    let solver = UnbalancedGromovWasserstein(
      epsilon: try fields.positiveNumber("epsilon", about: "weight of the entropy, in units of squared distances"),
      featureTerm: try fields.choice("featureTerm", default: .massWeighted, about: "how M enters; POT's functional is the unweighted one"),
      stopping: try fields.stopping(tolerance: 1e-9, iterations: 1000, about: "change of the plan (L1), as a fraction of the mass"),
      innerStopping: try fields.innerStopping(tolerance: 1e-10, iterations: 3000))
    return Job(memory: { try $0.memory(ofPlans: 10) }) { inputs in
      let (source, target) = try spaces(inputs)
      let features = try inputs.matrix("M")
      let problem = try QuadraticProblem(
        source: source, target: target, features: features, alpha: features == nil ? nil : alpha, relaxation: relaxation)
      let solution = try solver.solve(problem, from: inputs.matrix("P0"))
      var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
      answer.numbers = [
        ("value", solution.value), ("regularized_value", solution.regularizedValue), ("quadratic_value", solution.parts.quadratic),
        ("linear_value", solution.parts.linear), ("marginal_penalty", solution.marginalPenalty), ("mass", solution.mass),
      ]
      answer.add(solution.coupling, keepsMarginals: relaxation.isBalanced)
      answer.add(solution.potentials)
      return answer
    }
  }

  private static let fot = SolverEntry(
    "fot", "fused transport with a proximity kernel K on the source, min (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl",
    inputs: InputDescription.spaces + [
      .features, InputDescription("K", "n×n", "the kernel; from the setting bandwidth when absent"), .startOfSpaces,
    ], balances: [.sides]
  ) { fields throws(DocumentError) in
    let spaces = try spaces(fields)
    let alpha = try alpha(fields)
    let bandwidth = try fields.optionalPositiveNumber("bandwidth", about: "of a Gaussian kernel of D1 with mean 1, in units of D1")
    let epsilon = try fields.optionalPositiveNumber(
      "epsilon", about: "takes entropic steps of this weight, in units of squared distances, instead of the conditional gradient")
    let solve = try solver(fields, epsilon: epsilon)
    return Job(memory: { try $0.memory(ofPlans: 10, distances: 4, formed: 5) }) { inputs in
      let (source, target) = try spaces(inputs)
      let kernel: Matrix
      if let given = try inputs.matrix("K") {
        if bandwidth != nil { throw inputs.missing("either K or a bandwidth, not both") }
        kernel = given
      } else if let bandwidth {
        kernel = try ProximityKernel(bandwidth: bandwidth).matrix(distances: source.distances, weights: source.weights)
      } else {
        throw inputs.missing("K (n×n) or --set bandwidth=…")
      }
      let problem = try QuadraticProblem(
        source: source, target: target, features: inputs.requiredMatrix("M"), alpha: alpha, proximity: kernel)
      return try solve(problem, inputs.matrix("P0"))
    }
  }
}

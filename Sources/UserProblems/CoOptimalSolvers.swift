import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let coOptimal = [coot, ucoot]

  private static let inputs = [
    InputDescription("X", "n×d", "source data"), InputDescription("Y", "m×e", "target data"),
    InputDescription("a", "n", "weights of the rows of X; uniform when absent"),
    InputDescription("b", "m", "weights of the rows of Y; uniform when absent"),
    InputDescription("c", "d", "weights of the columns of X; uniform when absent"),
    InputDescription("d", "e", "weights of the columns of Y; uniform when absent"),
    InputDescription("Q0", "d×e", "the plan between columns to start from; the product of their weights when absent"),
  ]

  private static func problem(_ inputs: ProblemInputs, _ relaxation: MarginalRelaxation) throws -> CoOptimalProblem {
    try CoOptimalProblem(
      source: inputs.requiredMatrix("X"), target: inputs.requiredMatrix("Y"), samples: (inputs.vector("a"), inputs.vector("b")),
      features: (inputs.vector("c"), inputs.vector("d")), relaxation: relaxation)
  }

  private static func answer(_ solution: CoOptimalSolution, keepsMarginals: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [("value", solution.value), ("regularized_value", solution.regularizedValue)]
    answer.add(solution.samples, name: "sample_plan", keepsMarginals: keepsMarginals)
    answer.add(solution.features, name: "feature_plan", keepsMarginals: keepsMarginals)
    answer.add(solution.samplePotentials, names: ("f_samples", "g_samples"))
    answer.add(solution.featurePotentials, names: ("f_features", "g_features"))
    return answer
  }

  private static func epsilon(_ fields: Fields, _ key: String, _ about: String) throws(DocumentError) -> Double {
    try fields.number(key, default: 0, in: .notNegative, about: about)
  }

  private static let coot = SolverEntry(
    "coot",
    "CO-optimal transport, min Σ (X_ik − Y_jl)² P_ij Q_kl over plans between rows and between columns; symmetric tables from several starts",
    inputs: inputs, balances: [.sides, .featureSides]
  ) { fields throws(DocumentError) in
    let solver = CoOptimalTransport(
      sampleEpsilon: try epsilon(fields, "sampleEpsilon", "weight of the entropy of P; 0 is exact"),
      featureEpsilon: try epsilon(fields, "featureEpsilon", "weight of the entropy of Q; 0 is exact"),
      stopping: try fields.stopping(tolerance: 1e-9, iterations: 500, about: "fall of the objective, as a fraction of the product plans'"),
      innerStopping: try fields.innerStopping(tolerance: 1e-9, iterations: 5000))
    let starts = try fields.anchoredStarts()
    return Job(memory: { try $0.memoryOfTables() }) { inputs in
      answer(try starts.solve(problem(inputs, .balanced), fromFeatures: inputs.matrix("Q0"), by: solver), keepsMarginals: true)
    }
  }

  private static let ucoot = SolverEntry(
    "ucoot", "unbalanced CO-optimal transport with KL penalties on the marginals of P⊗Q; symmetric tables from several starts",
    inputs: inputs, balances: [.sides, .featureSides]
  ) { fields throws(DocumentError) in
    let relaxation = try fields.relaxation()
    let solver = UnbalancedCoOptimalTransport(
      epsilon: try fields.positiveNumber("epsilon", about: "weight of the entropy, in units of squared data"),
      stopping: try fields.stopping(tolerance: 1e-9, iterations: 1000, about: "change of both plans (L1), as a fraction of the mass"),
      innerStopping: try fields.innerStopping(tolerance: 1e-10, iterations: 3000))
    let starts = try fields.anchoredStarts()
    return Job(memory: { try $0.memoryOfTables() }) { inputs in
      let solution = try starts.solve(problem(inputs, relaxation), fromFeatures: inputs.matrix("Q0"), by: solver)
      var answer = answer(solution, keepsMarginals: relaxation.isBalanced)
      answer.numbers.append(("mass", compensatedSum(solution.samples.plan.rowSums)))
      return answer
    }
  }
}

extension ProblemInputs {
  /// The memory of a solver that matches rows and columns of X and Y: matrices of the sizes of both plans and of their products with the tables.
  func memoryOfTables() throws -> MemoryNeed {
    let (n, m) = (try rows("X"), try rows("Y"))
    let (d, e) = (Double(try columns("X")), Double(try columns("Y")))
    return MemoryNeed(n, m, plans: 7, others: 7 * d * e + 3 * Double(max(n, m)) * max(d, e))
  }
}

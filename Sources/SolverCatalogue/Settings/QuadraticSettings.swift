import Documents
import LinearAlgebra
import OptimalTransport

/// The settings by which all Gromov–Wasserstein solvers read their two spaces.
struct SpaceSettings: Sendable {
  private let metric: PointMetric
  private let isSymmetric: Bool

  init(_ fields: Fields) throws(DocumentError) {
    metric = try .ofDistances(fields)
    isSymmetric = try fields.bool(
      "symmetric", default: true, about: "whether D1 and D2 must be symmetric; false accepts any square matrix")
  }

  func spaces(_ inputs: ProblemInputs) throws -> (source: MetricMeasureSpace, target: MetricMeasureSpace) {
    (
      try inputs.space("D1", "X", weights: "a", metric, isSymmetric: isSymmetric),
      try inputs.space("D2", "Y", weights: "b", metric, isSymmetric: isSymmetric)
    )
  }
}

/// The settings of a Gromov–Wasserstein solver: conditional gradient or entropic steps, from one start or several.
struct QuadraticSettings: Sendable {
  private enum Method: Sendable {
    case conditionalGradient(GromovWasserstein)
    case entropic(EntropicGromovWasserstein)
  }

  private let method: Method
  private let starts: Int
  private let seed: UInt64

  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - epsilon: ε of entropic steps; nil selects the conditional gradient method.
  /// - Throws: `DocumentError` if a setting has the wrong type or value.
  init(_ fields: Fields, epsilon: Double?) throws(DocumentError) {
    starts = try fields.starts(
      default: 1,
      about: "number of starts, of which the lowest value is kept; symmetric spaces get a second start even for 1")
    seed = try fields.seed(about: "seed of random starts")
    if let epsilon {
      method = .entropic(try EntropicGromovWasserstein(fields, epsilon: epsilon))
    } else {
      method = .conditionalGradient(try GromovWasserstein(fields))
    }
  }

  static func alpha(_ fields: Fields) throws(DocumentError) -> Double {
    try fields.alpha(default: 0.5, about: "α, the weight of the quadratic term, if M is given")
  }

  static let outputs: Glossary = [
    "value": "the objective without the entropy term", "quadratic_value": "the quadratic term of the objective",
    "linear_value": "the linear term of the objective",
    "regularized_value": "the objective with the entropy term, for entropic steps",
    "marginal_error": "the sum of the L1 errors of both marginals",
    "spread": "the highest minus the lowest value over the starts, if there are several",
  ]

  private func solve(
    _ problem: QuadraticProblem, _ start: Matrix?, _ monitor: Monitor?
  ) throws(ProblemError) -> GromovWassersteinSolution {
    switch method {
    case .conditionalGradient(let solver): try solver.solve(problem, from: start, monitor: monitor)
    case .entropic(let solver): try solver.solve(problem, from: start, monitor: monitor)
    }
  }

  func answer(_ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?) throws(ProblemError) -> SolverAnswer
  {
    if starts == 1 { return answer(try solve(problem, start, monitor)) }
    let report = try MultiStart(starts: starts, seed: seed).solve(problem, monitor: monitor) {
      problem, start, monitor throws(ProblemError) in
      try solve(problem, start, monitor)
    }
    var answer = answer(report.best)
    answer.numbers.append(("spread", report.spread))
    answer.arrays.append(("starts/value", NumericArray(report.values)))
    answer.arrays.append(("basins/value", NumericArray(report.basins.map(\.solution.regularizedValue))))
    answer.arrays.append(("basins/starts", NumericArray(integers: report.basins.map(\.starts.count))))
    return answer
  }

  private func answer(_ solution: GromovWassersteinSolution) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear),
    ]
    if case .entropic = method { answer.numbers.append(("regularized_value", solution.regularizedValue)) }
    answer.add(solution.coupling)
    answer.add(solution.potentials)
    return answer
  }
}

extension Fields {
  /// Reads α, the weight of the quadratic term.
  package func alpha(default fallback: Double? = nil, about: String) throws(DocumentError) -> Double {
    try number("alpha", default: fallback, in: .from(0, to: 1), about: about)
  }
}

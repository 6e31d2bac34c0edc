import Documents
import LinearAlgebra
import OptimalTransport

/// How two spaces are read, for all solvers of Gromov–Wasserstein problems.
struct SpaceSettings: Sendable {
  private let metric: PointMetric
  private let isSymmetric: Bool

  init(_ fields: Fields) throws(DocumentError) {
    metric = try .ofDistances(fields)
    isSymmetric = try fields.bool(
      "symmetric", default: true, about: "whether D1 and D2 must be symmetric; false takes any square matrix")
  }

  func spaces(_ inputs: ProblemInputs) throws -> (source: MetricMeasureSpace, target: MetricMeasureSpace) {
    (
      try inputs.space("D1", "X", weights: "a", metric, isSymmetric: isSymmetric),
      try inputs.space("D2", "Y", weights: "b", metric, isSymmetric: isSymmetric)
    )
  }
}

/// Conditional gradient or entropic steps, from one start or several.
struct QuadraticSettings: Sendable {
  private enum Method: Sendable {
    case conditionalGradient(GromovWasserstein)
    case entropic(EntropicGromovWasserstein)
  }

  private let method: Method
  private let starts: Int
  private let seed: UInt64

  /// - Parameter epsilon: of entropic steps; nil takes the conditional gradient.
  init(_ fields: Fields, epsilon: Double?) throws(DocumentError) {
    starts = try fields.starts(default: 1, about: "the lowest value is kept; 1 adds another where spaces are symmetric")
    seed = try fields.seed(about: "of random starts")
    if let epsilon {
      method = .entropic(try EntropicGromovWasserstein(fields, epsilon: epsilon))
    } else {
      method = .conditionalGradient(try GromovWasserstein(fields))
    }
  }

  static func alpha(_ fields: Fields) throws(DocumentError) -> Double {
    try fields.alpha(default: 0.5, about: "share of the quadratic part, where there is M")
  }

  static let outputs: Glossary = [
    "value": "the objective without entropy", "quadratic_value": "its quadratic part", "linear_value": "its linear part",
    "regularized_value": "with entropy, where there is any", "marginal_error": "largest error of a marginal sum, L1",
    "spread": "highest value less lowest over the starts, where there are several",
  ]

  private func solve(
    _ problem: QuadraticProblem, _ start: Matrix?, _ monitor: Monitor?
  ) throws(ProblemError) -> GromovWassersteinSolution {
    switch method {
    case .conditionalGradient(let solver): try solver.solve(problem, from: start, monitor: monitor)
    case .entropic(let solver): try solver.solve(problem, from: start, monitor: monitor)
    }
  }

  func answer(_ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?) throws(ProblemError) -> SolverAnswer {
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
    answer.numbers = [("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear)]
    if case .entropic = method { answer.numbers.append(("regularized_value", solution.regularizedValue)) }
    answer.add(solution.coupling)
    answer.add(solution.potentials)
    return answer
  }
}

extension Fields {
  /// The share of the quadratic part.
  package func alpha(default fallback: Double? = nil, about: String) throws(DocumentError) -> Double {
    try number("alpha", default: fallback, in: .from(0, to: 1), about: about)
  }
}

import Glibc
import LinearAlgebra

/// Plans of a semi-relaxed problem to start from: with the source marginal a, without forbidden pairs and without mass
/// at targets of weight zero.
struct SemiRelaxedPlans {
  private let problem: QuadraticProblem

  /// - Parameter problem: posed as a balanced one.
  init(_ problem: QuadraticProblem) { self.problem = problem }

  /// The problem in the form in which its plans are made, of which there is to be one start or more.
  static func posed(_ problem: QuadraticProblem, starts: Int) throws(ProblemError) -> QuadraticProblem {
    if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
    if problem.relaxation != .semiRelaxed {
      throw .parameter(
        name: "(ρ1, ρ2) of a semi-relaxed problem",
        found: "(\(problem.relaxation.source), \(problem.relaxation.target))",
        expected: "(infinity, 0): the source marginal is prescribed and the target marginal free")
    }
    return try problem.balanced()
  }

  /// a bᵀ/m(b), where each row spreads over the pairs that are not forbidden.
  func product() throws(ProblemError) -> Matrix {
    let (a, b) = (problem.source.weights, problem.target.weights)
    return try spread(Matrix(rows: a.count, columns: b.count) { b[$1] })
  }

  /// The plan whose rows are those of some positive weights, without forbidden pairs, in the masses of the source
  /// points.
  func spread(_ weights: Matrix) throws(ProblemError) -> Matrix {
    let allowed = zip(weights.elements, problem.forbidding(weights).elements).map { $1 < .infinity ? $0 : 0 }
    let plan = Matrix(rows: weights.rows, columns: weights.columns, elements: allowed)
    let sums = plan.rowSums
    for (i, mass) in problem.source.weights.enumerated() where mass > 0 && sums[i] == 0 {
      throw .infeasible(reason: "row \(i) has mass, but all its pairs are forbidden (of infinite cost)")
    }
    let scales = zip(problem.source.weights, sums).map { $1 > 0 ? $0 / $1 : 0 }
    return Matrix(rows: weights.rows, columns: weights.columns) { scales[$0] * plan[$0, $1] }
  }

  func validate(_ plan: Matrix) throws(ProblemError) {
    let (a, b) = (problem.source.weights, problem.target.weights)
    try ProblemError.validate(start: plan, rows: a.count, columns: b.count)
    let error = absoluteDifference(plan.rowSums, a)
    if error > 1e-6 * compensatedSum(a) {
      throw .parameter(
        name: "the error of the start's source marginal", found: "\(error)", expected: "at most 1e-6 of the mass")
    }
    try problem.requireNoForbiddenMass(plan)
    let sums = plan.columnSums
    if b.indices.contains(where: { b[$0] == 0 && sums[$0] > 0 }) {
      throw .parameter(name: "the start", found: "positive at a target of weight zero", expected: "no mass there")
    }
  }
}

/// Seeded plans to start from, alternately noisy product plans and vertices that are best for random costs.
struct SemiRelaxedStarts {
  private let problem: QuadraticProblem
  private var random: SeededGenerator
  private var count = 0
  private lazy var order = CanonicalOrder.of(problem)

  init(_ problem: QuadraticProblem, seed: UInt64) {
    self.problem = problem
    random = SeededGenerator(seed: seed, stream: "semi-relaxed")
  }

  mutating func next(_ oracle: any LinearOracle) throws(ProblemError) -> Matrix {
    count += 1
    guard count % 2 == 0 else { return try noisyProduct() }
    let vertex = try oracle.vertex(for: problem.forbidding(noise()), from: nil)
    return Coupling(entries: vertex.entries, source: problem.source.weights, target: problem.target.weights).plan
  }

  /// The product plan times noise, with its rows' sums.
  mutating func noisyProduct() throws(ProblemError) -> Matrix {
    let (noise, b) = (noise(), problem.target.weights)
    return try SemiRelaxedPlans(problem).spread(
      Matrix(rows: noise.rows, columns: noise.columns) { b[$1] * exp(noise[$0, $1]) })
  }

  private mutating func noise() -> Matrix {
    let order = order
    return order.drawn { random.normal() }
  }
}

import Alignment
import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

/// Two feature matrices of a user's, aligned without pairs: what `otlab align` does.
public struct ModalityAlignment {
  public let problem: MultiViewProblem
  /// The features as given.
  private let given: (first: Matrix, second: Matrix)
  public let solution: MultiViewSolution

  /// - Parameters:
  ///   - first, second: files of features, cells × features; `FILE:DATASET` names one of several. AnnData files give `X` unless told otherwise.
  ///   - landmarks: how many cells stand for larger modalities.
  ///   - rho: the price of leaving mass unmatched; all is matched when nil.
  ///   - seed: of landmarks and bootstrap draws.
  ///   - report: told of each stage.
  /// - Throws: `DataError` for files and for numbers that cannot be aligned.
  public init(
    _ first: String, _ second: String, landmarks: Int, rho: Double?, seed: UInt64, report: (String) -> Void
  ) throws {
    let (x, y) = (try Self.features(first), try Self.features(second))
    report("\(x.rows) cells × \(x.columns) features, \(y.rows) × \(y.columns)")
    let relaxation = rho.map(MarginalRelaxation.relaxed) ?? .balanced
    let problem = try Self.naming(first, second) { () throws(AlignmentError) in
      try MultiViewProblem(x, y, landmarks: landmarks, threshold: max(325, landmarks), seed: seed, names: (first, second))
    }
    report("views are built")
    self.problem = problem
    given = (x, y)
    solution = try Self.naming(first, second) { () throws(AlignmentError) in
      try MultiViewAlignment(relaxation: relaxation, seed: seed).solve(problem, report: report)
    }
  }

  private static func naming<R>(_ first: String, _ second: String, _ body: () throws(AlignmentError) -> R) throws -> R {
    do {
      return try body()
    } catch {
      if case .parameter = error { throw DocumentError(place: .option("align"), problem: "\(error)") }
      throw DataError(.unfit, path: "\(first), \(second)", problem: "\(error)")
    }
  }

  private static func features(_ argument: String) throws(DataError) -> Matrix {
    let (path, dataset) = try InputFiles.split(argument)
    let array = try NumericArray.read(path, dataset: dataset)
    guard (1...2).contains(array.shape.count) else {
      throw DataError(.unfit, path: path, problem: "has the shape \(array.shapeText), but cells × features were expected")
    }
    return array.matrix
  }

  /// Labels of cells: whole numbers, one a cell.
  public static func labels(_ argument: String, count: Int) throws(DataError) -> [Int] {
    let (path, dataset) = try InputFiles.split(argument)
    let numbers = try NumericArray.read(path, dataset: dataset).elements
    guard numbers.count == count else {
      throw DataError(.unfit, path: path, problem: "has \(numbers.count) labels, but there are \(count) cells")
    }
    let labels = numbers.compactMap { Int(exactly: $0) }
    guard labels.count == count else { throw DataError(.unfit, path: path, problem: "holds labels that are no whole numbers") }
    return labels
  }

  /// What is written: the plan, both projections, the runner-up's plan, and the numbers of the decision.
  public var answer: SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    let images = problem.projections(solution.coupling, onto: given)
    answer.add(solution.coupling)
    if let runnerUp = solution.runnerUp { answer.plans.append(("runner_up/plan", .full(runnerUp))) }
    answer.numbers.append(("score", solution.basins[0].score))
    if let margin = solution.margin { answer.numbers.append(("margin", margin)) }
    if let stability = solution.stability { answer.numbers.append(("stability", stability)) }
    if let symmetry = solution.symmetry, symmetry.score.isFinite { answer.numbers.append(("symmetry", symmetry.score)) }
    answer.numbers.append(("basins", Double(solution.basins.count)))
    answer.arrays += [
      ("first_in_second", NumericArray(images.firstInSecond)), ("second_in_first", NumericArray(images.secondInFirst)),
      ("views/best", NumericArray(solution.basins[0].ratios)),
    ]
    if solution.basins.count > 1 { answer.arrays.append(("views/runner_up", NumericArray(solution.basins[1].ratios))) }
    if solution.coupling.plan.rows < problem.features.first.rows {
      answer.arrays.append(("cells/first", NumericArray(problem.cells.first.map(Double.init))))
    }
    if solution.coupling.plan.columns < problem.features.second.rows {
      answer.arrays.append(("cells/second", NumericArray(problem.cells.second.map(Double.init))))
    }
    return answer
  }
}

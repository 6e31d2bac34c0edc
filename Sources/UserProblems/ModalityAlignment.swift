import Alignment
import Datasets
import Documents
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// An alignment of two feature matrices without pairs, as `otlab align` performs it.
public struct ModalityAlignment {
  /// The problem, with features, views, and landmarks.
  public let problem: MultiViewProblem
  /// The largest number of cells of a modality that are aligned themselves.
  public static let mostAligned = MultiViewProblem.mostAligned
  /// The features as given.
  private let given: (first: Matrix, second: Matrix)
  private let notes: Notes
  /// The best alignment, the runner-up, and how sure the choice is.
  public let solution: MultiViewSolution
  private let labels: (first: [Int], second: [Int])?
  private let rho: Double?

  /// Reads two modalities and aligns them.
  ///
  /// - Parameters:
  ///   - first: the features of the first modality, cells × features; `FILE:DATASET` names an array of a file, and
  ///     AnnData files give `X` by default.
  ///   - second: the features of the second modality.
  ///   - labels: files with a label for each cell of the first and the second modality, which color the figure; none
  ///     by default. They are read before the alignment.
  ///   - landmarks: the number of cells that represent a larger modality in the search for candidates.
  ///   - most: the largest number of cells of a modality that are aligned themselves; others follow their neighbors.
  ///   - rho: the cost of leaving mass unmatched; if nil all mass is matched.
  ///   - seed: the seed of landmarks and bootstrap draws.
  ///   - notes: collects the assumptions made while reading.
  ///   - report: receives the stages of the work.
  /// - Throws: `DataError` if a file is unreadable or its numbers cannot be aligned.
  public init(
    _ first: String, _ second: String, labels: [String] = [], landmarks: Int, most: Int = mostAligned, rho: Double?,
    seed: UInt64,
    notes: Notes, report: (String) -> Void
  ) throws {
    let (x, y) = (try Self.features(first, notes), try Self.features(second, notes))
    self.labels =
      labels.count == 2
      ? (
        try Self.labels(labels[0], count: x.rows, notes: notes), try Self.labels(labels[1], count: y.rows, notes: notes)
      ) : nil
    self.rho = rho
    do {
      try Self.memory(x, y).require(of: "\(first), \(second)")
    } catch { throw DataError(.unfit, path: error.place, problem: error.problem) }
    report("\(x.rows) cells × \(x.columns) features, \(y.rows) × \(y.columns)")
    let relaxation = rho.map(MarginalRelaxation.relaxed) ?? .balanced
    let problem = try Self.naming(first, second) { () throws(AlignmentError) in
      try MultiViewProblem(
        x, y, landmarks: landmarks, threshold: min(max(325, landmarks), max(most, landmarks)), most: most, seed: seed,
        names: (first, second))
    }
    report("views are built")
    self.problem = problem
    given = (x, y)
    self.notes = notes
    solution = try Self.naming(first, second) { () throws(AlignmentError) in
      try MultiViewAlignment(relaxation: relaxation, seed: seed).solve(problem, report: report)
    }
  }

  /// The memory for views between all aligned cells in single precision, for plans between landmarks, and for
  /// features.
  private static func memory(_ x: Matrix, _ y: Matrix) -> MemoryNeed {
    let n = Double(min(x.rows, MultiViewProblem.mostAligned))
    let m = Double(min(y.rows, MultiViewProblem.mostAligned))
    let features = Double(x.elements.count + y.elements.count)
    return MemoryNeed(
      numbers: 60 * (n * n + m * m) + 4 * features, problem: "an alignment of \(x.rows) and \(y.rows) cells")
  }

  private static func naming<R>(_ first: String, _ second: String, _ body: () throws(AlignmentError) -> R) throws -> R {
    do {
      return try body()
    } catch {
      if case .parameter = error { throw DocumentError(place: .option("align"), problem: "\(error)") }
      let sentence = "\(error)"
      let path = [first, second].first { sentence.hasPrefix("\($0): ") }
      throw DataError(
        .unfit, path: path ?? "\(first), \(second)",
        problem: path.map { String(sentence.dropFirst($0.count + 2)) } ?? sentence)
    }
  }

  private static func features(_ argument: String, _ notes: Notes) throws(DataError) -> Matrix {
    let (path, dataset) = try InputFiles.split(argument)
    let array = try NumericArray.read(path, dataset: dataset, notes: notes)
    guard (1...2).contains(array.shape.count) else {
      throw DataError(
        .unfit, path: path, problem: "has the shape \(array.shapeText), but cells × features were expected")
    }
    return array.matrix
  }

  /// Reads labels of cells, one whole number or category for each cell.
  private static func labels(_ argument: String, count: Int, notes: Notes) throws(DataError) -> [Int] {
    let (path, dataset) = try InputFiles.split(argument)
    let numbers = try NumericArray.read(path, dataset: dataset, notes: notes).elements
    guard numbers.count == count else {
      throw DataError(.unfit, path: path, problem: "has \(numbers.count) labels, but there are \(count) cells")
    }
    let labels = numbers.compactMap { Int(exactly: $0) }
    guard labels.count == count else {
      throw DataError(.unfit, path: path, problem: "holds labels that are not whole numbers")
    }
    return labels
  }

  /// The figure of the alignment.
  public var figure: AlignmentFigure { AlignmentFigure(self, labels: labels) }

  /// The numbers of aligned cells and of all cells in both modalities.
  private var extent: (first: (aligned: Int, all: Int), second: (aligned: Int, all: Int)) {
    (
      (problem.cells.first.count, problem.features.first.rows),
      (problem.cells.second.count, problem.features.second.rows)
    )
  }

  private var isWhole: Bool { extent.first.aligned == extent.first.all && extent.second.aligned == extent.second.all }

  /// The content of the output file: matches, both projections, plans, the numbers behind the decision, and the data
  /// of the figure.
  ///
  /// If only some cells were aligned themselves, the plans are in the group `landmarks` together with the indices of
  /// those cells.
  public var answer: SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.notes = notes.all
    let group = isWhole ? "" : "landmarks/"
    answer.plans.append(("\(group)plan", .full(solution.coupling)))
    if let runnerUp = solution.runnerUp { answer.plans.append(("\(group)runner_up/plan", .full(runnerUp))) }
    answer.numbers = [("marginal_error", solution.coupling.marginalError), ("score", solution.basins[0].score)]
    if rho != nil { answer.numbers.append(("mass", solution.mass)) }
    tell("margin", solution.margin, orElse: "none (no other basin was met)", in: &answer)
    tell("stability", solution.stability, orElse: "none", in: &answer)
    tell(
      "symmetry", solution.symmetry.score, orElse: "none (no other map of a modality onto itself was found)",
      in: &answer)
    answer.numbers += [("partners", solution.spread.partners), ("spread", solution.spread.share)]
    answer.facts += facts
    let images = problem.projections(solution.coupling, onto: given)
    answer.arrays +=
      matches + [
        ("first_in_second", NumericArray(images.firstInSecond)),
        ("second_in_first", NumericArray(images.secondInFirst)),
        ("views/best", NumericArray(solution.basins[0].ratios)),
      ]
    if solution.basins.count > 1 { answer.arrays.append(("views/runner_up", NumericArray(solution.basins[1].ratios))) }
    if !isWhole {
      answer.arrays += [
        ("landmarks/first", NumericArray(integers: problem.cells.first)),
        ("landmarks/second", NumericArray(integers: problem.cells.second)),
      ]
    }
    answer.arrays += figure.arrays
    return answer
  }

  private func tell(_ name: String, _ value: Double?, orElse words: String, in answer: inout SolverAnswer) {
    if let value {
      answer.numbers.append((name, value))
    } else {
      answer.facts.append(.init(name: name, value: .null, words: words))
    }
  }

  private var facts: [SolverAnswer.Fact] {
    let (x, y) = extent
    let words =
      isWhole
      ? "all \(x.all) and \(y.all) cells"
      : "\(x.aligned) of \(x.all) and \(y.aligned) of \(y.all) cells; the others follow their neighbors"
    return [
      .init(name: "basins", value: .integer(solution.basins.count)), .init(name: "aligned", value: .string(words)),
      .init(name: "aligned_first", value: .integer(x.aligned)), .init(name: "cells_first", value: .integer(x.all)),
      .init(name: "aligned_second", value: .integer(y.aligned)), .init(name: "cells_second", value: .integer(y.all)),
    ]
  }

  private var matches: [(name: String, array: NumericArray)] {
    let both = problem.matches(solution.coupling)
    return [("matches", both.firstToSecond), ("matches/reverse", both.secondToFirst)].flatMap { name, matches in
      [
        ("\(name)/index", NumericArray(shape: [matches.weight.rows, matches.count], integers: matches.index)),
        ("\(name)/weight", NumericArray(matches.weight)),
      ]
    }
  }
}

import Datasets
import Documents
import Figures
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue
import UserProblems

/// Runs any solver of the catalogue on a user's arrays or on drawn points: `otlab solve` with sweeps, repetitions,
/// tables, and baselines.
public struct SolveExperiment: Experiment {
  /// The name of the kind, `solve`.
  public static let kind = "solve"
  /// The revision of the results.
  public static let revision = 1
  /// The purpose of the kind.
  public static let summary = "Runs a solver of 'otlab solve' on arrays of your own (data.NAME) or on drawn points."
  /// The outputs of all solvers with their meanings.
  public static let metrics: Glossary = Glossary(
    joining: SolverCatalogue.solvers.map { $0.outputs } + [["iterations": "number of outer iterations or pivots"]])
  /// The sections of a manifest that runs unchanged.
  public static let example = exampleData(for: "sinkhorn")

  /// Returns the sections that `otlab init` writes for a solver, with drawn points if the solver reads points, and
  /// otherwise with files.
  public static func exampleData(for solver: String) -> String {
    guard let type = SolverCatalogue.solvers.first(where: { $0.name == solver }) else { return "" }
    let required = SolverCatalogue.settings(of: type).filter { $0.fallback == nil && !$0.isOptional }
    let settings = required.compactMap { question in question.path.last.map { ", \($0): 1.0" } }.joined()
    let names = Set(type.inputs.map(\.name))
    let files = "data: {\(type.inputs.prefix(2).map { "\($0.name): {file: \($0.name).npy}" }.joined(separator: ", "))}"
    let data =
      names.isSuperset(of: ["X", "Y"])
      ? """
      data: {drawn: {first: 30, second: 40}}      # or your own arrays: X: {file: x.npy}, Y: {file: problem.h5, \
      dataset: Y}
      """
      : files
    return "\(data)\nsolver: {name: \(solver)\(settings)}\n"
  }

  let solver: ConfiguredSolver
  let arrays: [(name: String, reference: InputReference)]
  let file: InputReference?
  let drawn: DrawnClouds?
  let seed: Int

  /// Reads the sections of a case, or throws `DocumentError` if they do not fit the solver.
  public init(_ body: CaseBody) throws(DocumentError) {
    let name = try body.solver.choice(
      "name", among: SolverCatalogue.names, about: "the solver; 'otlab solve --list' documents all")
    let type = try SolverCatalogue.named(name, at: body.solver.place)
    body.solver.runSeed = body.seed
    solver = try ConfiguredSolver(type, body.solver)
    drawn = try body.data.fields("drawn", about: "draws two point clouds X and Y instead of reading arrays").map(
      DrawnClouds.init)
    file = try body.data.fields("problem", about: "an HDF5 or NPZ file with arrays named like the inputs").map {
      fields throws(DocumentError) in
      try InputReference(fields, role: "data.problem")
    }
    var arrays: [(name: String, reference: InputReference)] = []
    for input in type.inputs {
      guard let fields = try body.data.fields(input.name, about: "\(input.shape): \(input.about)") else { continue }
      arrays.append((input.name, try InputReference(fields, role: "data.\(input.name)")))
    }
    self.arrays = arrays
    seed = body.seed
  }

  /// The input files.
  public var inputs: [InputReference] { arrays.map(\.reference) + (file.map { [$0] } ?? []) }

  /// Solves the problem, or throws an error if the inputs do not form one.
  public func run(_ context: RunContext) throws -> RunResult {
    let arrays = try RunArrays(self, context)
    let clock = ProgressClock()
    let answer: SolverAnswer
    do {
      answer = try solver.solve(arrays) { point in
        if clock.isDue { context.report("iteration \(point.iteration): residual \(point.residual)") }
        return true
      }
    } catch let error as InputError {
      throw DataError(.unfit, path: error.place, problem: error.problem)
    }
    var metrics: [String: Value] = ["iterations": .integer(answer.iterations)]
    for (name, value) in answer.numbers { metrics[name] = .number(value) }
    return RunResult(
      status: answer.status, metrics: metrics, trace: answer.trace, arrays: answer.datasets(plans: .automatic))
  }

  /// Draws the solution, the potentials, and the trace.
  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try SolutionFigures(arrays.names(), read: arrays.array).all
  }
}

/// Two clouds of normally distributed points, the second one shifted by one and twice as wide.
struct DrawnClouds: Sendable {
  private let first: Int
  private let second: Int
  private let dimension: Int

  init(_ fields: Fields) throws(DocumentError) {
    first = try fields.integer("first", default: 30, in: 1...100_000, about: "points of the first cloud")
    second = try fields.integer("second", default: 40, in: 1...100_000, about: "points of the second cloud")
    dimension = try fields.integer("dimension", default: 2, in: 1...1000, about: "the dimension of both clouds")
  }

  func clouds(seed: Int) -> [String: Matrix] {
    func cloud(_ count: Int, _ stream: String, _ shift: Double, _ width: Double) -> Matrix {
      var random = SeededGenerator(seed: UInt64(seed), stream: stream)
      return Matrix(rows: count, columns: dimension) { _, _ in shift + width * random.normal() }
    }
    return ["X": cloud(first, "X", 0, 1), "Y": cloud(second, "Y", 1, 2)]
  }
}

/// The inputs of a run as the solver asks for them.
private struct RunArrays: NamedArrays {
  private let context: RunContext
  private let given: [String: InputReference]
  private let file: (reference: InputReference, names: [String])?
  private let drawn: [String: Matrix]

  init(_ experiment: SolveExperiment, _ context: RunContext) throws {
    self.context = context
    given = Dictionary(uniqueKeysWithValues: experiment.arrays.map { ($0.name, $0.reference) })
    file = try experiment.file.map { ($0, try ArrayFile(context.path($0)).names()) }
    drawn = (experiment.drawn?.clouds(seed: experiment.seed) ?? [:]).mapValues { points in
      points.selectingRows(context.relabeling.order(points.rows, "clouds"))
    }
    let all = given.keys + (file?.names ?? []) + drawn.keys
    for name in all where all.count(where: { $0 == name }) > 1 {
      throw ExperimentError(
        description:
          "the input '\(name)' is given twice in 'data'; give it as a file of its own or in data.problem, not both")
    }
  }

  var settingsPath: String { "solver." }
  var names: [String] { (given.keys + (file?.names ?? []) + drawn.keys).sorted() }

  var description: String {
    let files = given.values.map(context.path) + (file.map { [context.path($0.reference)] } ?? [])
    return files.isEmpty ? "the drawn points" : Set(files).sorted().joined(separator: ", ")
  }

  func read(_ name: String) throws -> (array: NumericArray, place: String)? {
    if let points = drawn[name] { return (NumericArray(points), "the drawn points") }
    if let reference = given[name] { return (try context.array(reference), context.path(reference)) }
    guard let file, file.names.contains(name) else { return nil }
    let path = context.path(file.reference)
    return (try context.array(path: path, dataset: name), "\(path), dataset '\(name)'")
  }

  func note(_ sentence: String) { context.report("note: \(sentence)") }
}

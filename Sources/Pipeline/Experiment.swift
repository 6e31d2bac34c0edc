import Datasets
import Documents
import Figures
import LinearAlgebra
import OptimalTransport

/// A kind of experiment: it reads its part of a manifest, runs, and says how its results are drawn.
///
/// Adding a kind is adding a folder NAME to `Sources/Experiments` with a file `NAMEExperiment.swift` that holds the type `NAMEExperiment`; the
/// build registers it.
/// CONTRIBUTING.md goes through an example.
public protocol Experiment: Sendable {
  /// The manifest's `kind`.
  static var kind: String { get }
  /// Raised whenever results may change, so that older runs are not taken for present ones.
  static var revision: Int { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// What each of its metrics means, by name, the most telling first; a manifest can name these and those that every run has.
  static var metrics: Glossary { get }
  /// The `data`, `params` and `solver` of a small case on generated data, as commented YAML: what `otlab init` writes. It must run.
  static var example: String { get }

  /// Reads the body of a case. Which keys it asks for, with which types and defaults, is the kind's schema.
  init(_ body: CaseBody) throws(DocumentError)

  /// The files it will read; none by default.
  var inputs: [InputReference] { get }

  func run(_ context: RunContext) throws -> RunResult

  /// The figures of a finished run, from its stored arrays alone.
  func figures(_ arrays: StoredArrays) throws -> [Figure]
}

extension Experiment {
  public var inputs: [InputReference] { [] }

  /// All metrics that a run of this kind has.
  public static var allMetrics: Set<String> { Set(metrics.map(\.key)).union(["status", "converged", "seconds"]) }

  /// The keys that a kind reads of data, params and solver.
  public static var questions: [Question] { SchemaProbe.questions { _ = try Self(CaseBody($0)) } }
}

/// The body of a case, to be read by an experiment. What is read from it, defaults included, becomes the resolved document.
public struct CaseBody {
  public let data: Fields
  public let params: Fields
  public let solver: Fields
  /// What generators of data are seeded with: it depends on the manifest's seed and the repetition alone, so that all methods face the same
  /// sample. Independent parts draw from `SeededGenerator(seed:stream:)` with streams of their own.
  public let seed: Int

  public init(data: Node, params: Node, solver: Node, seed: Int) throws(DocumentError) {
    self.data = try Fields(data, path: "data")
    self.params = try Fields(params, path: "params")
    self.solver = try Fields(solver, path: "solver")
    self.seed = seed
  }

  /// A body whose questions a probe answers.
  init(_ probe: SchemaProbe) {
    data = Fields(probe: probe, path: "data")
    params = Fields(probe: probe, path: "params")
    solver = Fields(probe: probe, path: "solver")
    seed = 0
  }

  private var parts: [(name: String, fields: Fields)] { [("data", data), ("params", params), ("solver", solver)] }

  /// - Throws: `DocumentError` for a key that nobody has asked for.
  func finish() throws(DocumentError) {
    for part in parts { try part.fields.finish() }
  }

  /// What was read that changes only how results look.
  public var styling: Value {
    .object(parts.reduce(into: [:]) { if !$1.fields.styling.isEmpty { $0[$1.name] = .object($1.fields.styling) } })
  }
}

/// What a run is given.
public struct RunContext: Sendable {
  /// The files' paths by role.
  public let inputs: [String: String]
  /// The numbering of points that the kind gives its spaces before it solves.
  public let relabeling: Relabeling
  /// Takes one line of progress.
  public let report: @Sendable (String) -> Void

  public init(
    inputs: [String: String], relabeling: Relabeling = Relabeling(seed: nil), report: @escaping @Sendable (String) -> Void
  ) {
    self.inputs = inputs
    self.relabeling = relabeling
    self.report = report
  }

  /// The array of an input that the run asked for. What was taken for granted about its file is reported.
  ///
  /// - Throws: `DataError` as well when it leads to another file, which is not among the inputs that a run digests.
  public func array(_ reference: InputReference) throws(DataError) -> NumericArray {
    try array(path: path(reference), dataset: reference.dataset)
  }

  /// An array of a file that the run asked for.
  public func array(path: String, dataset: String?) throws(DataError) -> NumericArray {
    let notes = notes
    let array = try NumericArray.read(path, dataset: dataset, notes: notes)
    guard let other = notes.otherFiles.first else { return array }
    throw DataError(
      path: path, problem: "leads to numbers in \(other), whose changes a run would not see; copy them into this file, or name that one")
  }

  /// Notes that are reported.
  public var notes: Notes {
    let report = report
    return Notes { report("note: \($0)") }
  }

  /// Where an input lies.
  public func path(_ reference: InputReference) -> String { inputs[reference.role] ?? reference.role }
}

/// What a run gives back.
public struct RunResult: Sendable {
  public let status: Status
  public let metrics: [String: Value]
  public let trace: Trace
  /// What the figures need, and what a user may want to look at.
  public let arrays: [(name: String, array: NumericArray)]

  public init(status: Status, metrics: [String: Value], trace: Trace, arrays: [(name: String, array: NumericArray)]) {
    self.status = status
    self.metrics = metrics
    self.trace = trace
    self.arrays = arrays
  }
}

/// The arrays of a finished run, `arrays.h5`.
public struct StoredArrays: Sendable {
  private let path: String

  /// - Parameter path: of an `arrays.h5`.
  public init(path: String) { self.path = path }

  /// The names of all arrays.
  public func names() throws(DataError) -> [String] { try ArrayFile(path).names() }

  /// The array of a name that `RunResult.arrays` gave it.
  public func array(_ name: String) throws(DataError) -> NumericArray { try HDF5.read(path, dataset: name) }
}

/// Data that can be read but not used by an experiment. Its description is one sentence.
public struct ExperimentError: Error, Equatable, CustomStringConvertible, Sendable {
  public let description: String

  /// - Parameter description: one sentence without a full stop.
  public init(description: String) { self.description = description }

  /// Checks, before any of them is made, that there is memory for some matrices: a kind asks as soon as it knows its sizes.
  ///
  /// - Parameters:
  ///   - count: how many of rows×columns numbers are held at once.
  ///   - task: what takes it, as in "transport between 20000 samples".
  /// - Throws: `ExperimentError` with how much is needed and how much there is.
  public static func requireMemory(matrices count: Double, rows: Int, columns: Int, for task: String) throws(ExperimentError) {
    guard let shortfall = MachineMemory.shortfall(bytes: 8 * count * Double(rows) * Double(columns)) else { return }
    throw ExperimentError(description: "\(task) needs \(shortfall)")
  }
}

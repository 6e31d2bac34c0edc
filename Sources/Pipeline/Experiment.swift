import Datasets
import Documents
import Figures
import LinearAlgebra
import OptimalTransport

/// A kind of experiment: it reads its sections of a manifest, runs, and draws its results.
///
/// A new kind is a folder NAME in `Sources/Experiments` with a file `NAMEExperiment.swift` that declares the type
/// `NAMEExperiment`; the build registers it. CONTRIBUTING.md explains an example.
public protocol Experiment: Sendable {
  /// The name of the kind, as in the manifest's `kind`.
  static var kind: String { get }
  /// The revision of the results, raised whenever they may change, so that older runs no longer count as current.
  static var revision: Int { get }
  /// The purpose of the kind in one sentence.
  static var summary: String { get }
  /// The metrics of the kind with their meanings, the most important first; manifests may name these and those that
  /// every run has.
  static var metrics: Glossary { get }
  /// The sections `data`, `params`, and `solver` of a small case on generated data, as commented YAML that `otlab
  /// init` writes and that must run.
  static var example: String { get }

  /// Reads the sections of a case; the keys that it asks for, with types and defaults, are the kind's schema.
  init(_ body: CaseBody) throws(DocumentError)

  /// The files that the run will read; none by default.
  var inputs: [InputReference] { get }

  func run(_ context: RunContext) throws -> RunResult

  /// Draws the figures of a finished run from its stored arrays.
  func figures(_ arrays: StoredArrays) throws -> [Figure]
}

extension Experiment {
  /// The default: no input files.
  public var inputs: [InputReference] { [] }

  /// All metrics of a run of this kind: its own, and `status`, `converged`, and `seconds`.
  public static var allMetrics: Set<String> { Set(metrics.map(\.key)).union(["status", "converged", "seconds"]) }

  /// The keys that the kind reads from data, params, and solver.
  public static var questions: [Question] { SchemaProbe.questions { _ = try Self(CaseBody($0)) } }
}

/// The sections of a case, to be read by an experiment.
///
/// Everything that is read, including defaults, becomes the resolved document.
public struct CaseBody {
  /// The reader of the `data` section.
  public let data: Fields
  /// The reader of the `params` section.
  public let params: Fields
  /// The reader of the `solver` section.
  public let solver: Fields
  /// The seed of generated data.
  ///
  /// It depends only on the manifest's seed and the repetition, so that all methods get the same sample. Independent
  /// parts should draw from `SeededGenerator(seed:stream:)` with different streams.
  public let seed: Int

  /// Creates the sections of a case, or throws `DocumentError` if one is not a mapping.
  public init(data: Node, params: Node, solver: Node, seed: Int) throws(DocumentError) {
    self.data = try Fields(data, path: "data")
    self.params = try Fields(params, path: "params")
    self.solver = try Fields(solver, path: "solver")
    self.seed = seed
  }

  /// Creates sections whose questions a probe answers.
  init(_ probe: SchemaProbe) {
    data = Fields(probe: probe, path: "data")
    params = Fields(probe: probe, path: "params")
    solver = Fields(probe: probe, path: "solver")
    seed = 0
  }

  private var parts: [(name: String, fields: Fields)] { [("data", data), ("params", params), ("solver", solver)] }

  /// Throws `DocumentError` if a section has a key that nobody asked for.
  func finish() throws(DocumentError) {
    for part in parts { try part.fields.finish() }
  }

  /// The values that only change how results look.
  public var styling: Value {
    .object(parts.reduce(into: [:]) { if !$1.fields.styling.isEmpty { $0[$1.name] = .object($1.fields.styling) } })
  }
}

/// What a run gets from its surroundings.
public struct RunContext: Sendable {
  /// The paths of the input files by role.
  public let inputs: [String: String]
  /// The numbering of points that the kind applies to its spaces before it solves.
  public let relabeling: Relabeling
  /// Takes one line of progress.
  public let report: @Sendable (String) -> Void

  /// Creates a context; by default points keep their order and progress is dropped.
  public init(
    inputs: [String: String], relabeling: Relabeling = Relabeling(seed: nil),
    report: @escaping @Sendable (String) -> Void
  ) {
    self.inputs = inputs
    self.relabeling = relabeling
    self.report = report
  }

  /// Reads the array of an input file, and reports the assumptions made while reading.
  ///
  /// - Parameter reference: an input of the experiment.
  /// - Returns: The array.
  /// - Throws: `DataError` if the array cannot be read, or comes from another file that is not an input of the run.
  public func array(_ reference: InputReference) throws(DataError) -> NumericArray {
    try array(path: path(reference), dataset: reference.dataset)
  }

  /// Reads an array from an input file.
  public func array(path: String, dataset: String?) throws(DataError) -> NumericArray {
    let notes = notes
    let array = try NumericArray.read(path, dataset: dataset, notes: notes)
    guard let other = notes.otherFiles.first else { return array }
    throw DataError(
      path: path,
      problem:
        """
        takes its numbers from \(other), whose changes a run would not notice; copy them into this file, or name that \
        file
        """
    )
  }

  /// A collection of notes that reports each note as a line of progress.
  public var notes: Notes {
    let report = report
    return Notes { report("note: \($0)") }
  }

  /// Returns the path of an input file.
  public func path(_ reference: InputReference) -> String { inputs[reference.role] ?? reference.role }
}

/// The result of a run.
public struct RunResult: Sendable {
  /// The status of the solver, such as `converged`.
  public let status: Status
  /// The metrics by name, in full precision.
  public let metrics: [String: Value]
  /// The trace of the iteration.
  public let trace: Trace
  /// The arrays that the figures need or a user may want.
  public let arrays: [(name: String, array: NumericArray)]

  /// Creates the result of a run.
  public init(status: Status, metrics: [String: Value], trace: Trace, arrays: [(name: String, array: NumericArray)]) {
    self.status = status
    self.metrics = metrics
    self.trace = trace
    self.arrays = arrays
  }
}

/// The stored arrays of a finished run, `arrays.h5`.
public struct StoredArrays: Sendable {
  private let path: String

  /// Creates access to the arrays in a file `arrays.h5`.
  public init(path: String) { self.path = path }

  /// Returns the names of all arrays.
  public func names() throws(DataError) -> [String] { try ArrayFile(path).names() }

  /// Reads an array by the name that `RunResult.arrays` gave it.
  public func array(_ name: String) throws(DataError) -> NumericArray { try HDF5.read(path, dataset: name) }
}

/// Data that can be read but not used by an experiment.
///
/// The description is one sentence.
public struct ExperimentError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The problem in one sentence without a final period.
  public let description: String

  /// Creates an error from one sentence without a final period.
  public init(description: String) { self.description = description }

  /// Checks that there is memory for some matrices; a kind calls it as soon as it knows its sizes.
  ///
  /// - Parameters:
  ///   - count: the number of matrices held at once.
  ///   - rows: the rows of each matrix.
  ///   - columns: the columns of each matrix.
  ///   - task: the task that needs them, as in "transport between 20000 samples".
  /// - Throws: `ExperimentError` with the memory that is needed and the memory that is available.
  public static func requireMemory(matrices count: Double, rows: Int, columns: Int, for task: String)
    throws(ExperimentError)
  {
    guard let shortfall = MachineMemory.shortfall(bytes: 8 * count * Double(rows) * Double(columns)) else { return }
    throw ExperimentError(description: "\(task) needs \(shortfall)")
  }
}

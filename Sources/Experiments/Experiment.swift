import Datasets
import Documents
import Figures
import OptimalTransport

/// A kind of experiment: it reads its part of a manifest, runs, and says how its results are drawn.
///
/// Adding a kind is adding a folder with a type that conforms, and a line in `Registry`.
public protocol Experiment: Sendable {
  /// The manifest's `kind`.
  static var kind: String { get }
  /// Raised whenever results may change, so that older runs are not taken for present ones.
  static var revision: Int { get }

  /// Reads the body of a case and checks it against the schema.
  init(_ body: CaseBody) throws(DocumentError)

  /// The files it will read.
  var inputs: [InputReference] { get }

  func run(_ context: RunContext) throws -> RunResult

  /// The figures of a finished run, from its stored arrays alone.
  func figures(_ arrays: StoredArrays) throws -> [Figure]
}

/// The body of a case, to be read by an experiment. What is read from it, defaults included, becomes the resolved document.
public struct CaseBody {
  public let data: Fields
  public let params: Fields
  public let solver: Fields
  public let seed: Int

  public init(data: Node, params: Node, solver: Node, seed: Int) throws(DocumentError) {
    self.data = try Fields(data, path: "data")
    self.params = try Fields(params, path: "params")
    self.solver = try Fields(solver, path: "solver")
    self.seed = seed
  }

  func finish() throws(DocumentError) {
    for fields in [data, params, solver] { try fields.finish() }
  }
}

/// What a run is given.
public struct RunContext: Sendable {
  /// The files' paths by role.
  public let inputs: [String: String]
  /// Takes one line of progress.
  public let report: @Sendable (String) -> Void

  public init(inputs: [String: String], report: @escaping @Sendable (String) -> Void) {
    self.inputs = inputs
    self.report = report
  }
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
  let path: String

  public init(path: String) { self.path = path }

  public func array(_ name: String) throws(DataError) -> NumericArray { try HDF5.read(path, dataset: name) }
}

/// Data that can be read but not used by an experiment. Its description is one sentence.
public struct ExperimentError: Error, CustomStringConvertible, Sendable {
  public let description: String
}

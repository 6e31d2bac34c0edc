import Documents
import LinearAlgebra
import OptimalTransport

/// A solver as users see it: its inputs, its settings, and its answer.
///
/// To add a solver, add a file `NAMESolver.swift` with the type `NAMESolver` to the folder `Solvers`; the build
/// registers it. This one description yields the command `otlab solve` and its `--list`, the JSON Schema, `--set`,
/// the manifest kind `solve`, the settings on the documentation page of the algorithm, and the enumeration in tests.
/// The long-running tests require a type `NAMEConformance` for each solver and do not compile without it.
public protocol SolverDescription: Sendable {
  /// The name on the command line and in manifests.
  static var name: String { get }
  static var family: SolverFamily { get }
  /// The library type that implements the algorithm; the settings are shown on its documentation page.
  static var algorithm: Any.Type { get }
  /// The problem in one line, without a final period.
  static var summary: String { get }
  static var inputs: [InputDescription] { get }
  /// The numbers of the answer with their descriptions, the most informative first; all of them are in the answer's
  /// `numbers`.
  static var outputs: Glossary { get }
  /// Groups of weights that must have equal sums in a balanced problem; none by default.
  static var balances: [BalancedWeights] { get }

  /// Reads the settings; the keys, types, and defaults that it asks for are the schema of the settings.
  init(_ settings: Fields) throws(DocumentError)

  /// Returns the peak memory of `solve`, from the sizes of the inputs; called before `solve`.
  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed

  /// Reads the inputs and solves the problem.
  ///
  /// - Parameters:
  ///   - inputs: the input arrays.
  ///   - monitor: receives the recorded steps and may stop the solver, which then returns the best answer so far.
  /// - Returns: the answer.
  /// - Throws: `InputError` or `ProblemError` if the inputs are missing or inconsistent.
  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer
}

extension SolverDescription {
  /// The default: no weights with equal sums.
  public static var balances: [BalancedWeights] { [] }
}

/// The group under which a solver is listed.
public enum SolverFamily: Int, Sendable {
  /// Transport with a known cost.
  case linear
  /// Gromov–Wasserstein problems.
  case quadratic
  /// CO-optimal transport between data tables.
  case coOptimal
  /// Barycenters.
  case barycenter
  /// Multi-marginal problems on trees.
  case tree
  /// Conic problems.
  case conic
  /// Embeddings.
  case embedding
}

/// An array that a solver reads, as `otlab solve --list` documents it.
public struct InputDescription: Sendable {
  /// The name of the array, such as `C`.
  public let name: String
  /// The shape of the array, such as `n×m`.
  public let shape: String
  /// The meaning of the array, and its default if it is optional.
  public let about: String

  init(_ name: String, _ shape: String, _ about: String) {
    self.name = name
    self.shape = shape
    self.about = about
  }
}

/// A group of weights that must have equal sums in a balanced problem.
public struct BalancedWeights: Sendable {
  let names: [String]
  /// Whether absent weights are uniform with sum 1.
  var isUniformWhenAbsent = true

  static let sides = BalancedWeights(names: ["a", "b"])
  static let featureSides = BalancedWeights(names: ["c", "d"])
}

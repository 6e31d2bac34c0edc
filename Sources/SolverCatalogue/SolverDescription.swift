import Documents
import LinearAlgebra
import OptimalTransport

/// One solver as users meet it: what it reads, its settings, and what it gives back.
///
/// Adding a solver is adding a file NAMESolver.swift to the folder `Solvers` that holds the type `NAMESolver`; the build registers it. From the one
/// description come `otlab solve` and its `--list`, the JSON Schema, `--set`, the kind `solve` of manifests, the settings on the documentation page of its
/// algorithm, and the tests' enumeration.
/// The long tests have a type `NAMEConformance` beside it, without which they do not compile.
public protocol SolverDescription: Sendable {
  /// Its name on the command line and in manifests.
  static var name: String { get }
  static var family: SolverFamily { get }
  /// The library's type that solves it, whose page of the documentation gets the settings.
  static var algorithm: Any.Type { get }
  /// The problem in one line.
  static var summary: String { get }
  static var inputs: [InputDescription] { get }
  /// The numbers that it gives, by name, the most telling first; all of them belong to the answer's `numbers`.
  static var outputs: Glossary { get }
  /// The weights that have one sum in a balanced problem, set by set; none by default.
  static var balances: [BalancedWeights] { get }

  /// Reads the settings. Which keys it asks for, with which types and defaults, is their schema.
  init(_ settings: Fields) throws(DocumentError)

  /// What `solve` holds at its peak, from the sizes of the inputs. It is asked for first.
  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed

  /// Reads the inputs and answers.
  ///
  /// - Parameter monitor: is told recorded steps and may end the work; then the answer is the best so far.
  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer
}

extension SolverDescription {
  public static var balances: [BalancedWeights] { [] }
}

/// What solvers are listed under.
public enum SolverFamily: Int, Sendable {
  case linear, quadratic, coOptimal, barycenter, tree, conic, embedding
}

/// An array that a solver reads, as `otlab solve --list` documents it.
public struct InputDescription: Sendable {
  public let name: String
  /// As in `n×m`.
  public let shape: String
  public let about: String

  init(_ name: String, _ shape: String, _ about: String) {
    self.name = name
    self.shape = shape
    self.about = about
  }
}

/// Names of weights that have one sum in a balanced problem.
public struct BalancedWeights: Sendable {
  let names: [String]
  /// Whether uniform weights with sum 1 take the place of absent ones.
  var isUniformWhenAbsent = true

  static let sides = BalancedWeights(names: ["a", "b"])
  static let featureSides = BalancedWeights(names: ["c", "d"])
}

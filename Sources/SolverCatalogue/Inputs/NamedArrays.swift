import LinearAlgebra

/// The input arrays of one problem, independent of where they are stored.
public protocol NamedArrays {
  /// The names of all arrays.
  var names: [String] { get }
  /// The prefix of error messages about the arrays as a whole.
  var description: String { get }
  /// Returns the array with the given name and the prefix of error messages about it; nil if there is none.
  func read(_ name: String) throws -> (array: NumericArray, place: String)?
  /// The prefix of a setting's key as the user writes it, such as `solver.`; empty by default.
  var settingsPath: String { get }
  /// Records a sentence for the user about an assumption on the data or a change to them.
  func note(_ sentence: String)
}

extension NamedArrays {
  /// The default prefix of settings: none.
  public var settingsPath: String { "" }

  /// The option that sets a setting, such as `--set starts=1`, for use in messages.
  func option(_ setting: String) -> String { "--set \(settingsPath)\(setting)" }

  func contains(_ name: String) -> Bool { names.contains(name) }
}

/// An error in the input arrays of a problem.
public struct InputError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file, or another name by which the user knows the arrays.
  public let place: String
  /// What is wrong, and what was expected.
  public let problem: String

  /// Creates an error from its place and a sentence about the problem.
  public init(place: String, problem: String) {
    self.place = place
    self.problem = problem
  }

  /// One sentence: the place, a colon, and the problem.
  public var description: String { "\(place): \(problem)" }
}

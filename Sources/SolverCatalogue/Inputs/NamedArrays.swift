import LinearAlgebra

/// The arrays of one problem, wherever they come from.
public protocol NamedArrays {
  /// The names under which there are arrays.
  var names: [String] { get }
  /// What sentences about all of them begin with.
  var description: String { get }
  /// The array of a name, and what sentences about it begin with; nil when there is none.
  func read(_ name: String) throws -> (array: NumericArray, place: String)?
  /// What stands before a setting's key where the user writes it, as in `solver.`; nothing by default.
  var settingsPath: String { get }
  /// Takes a sentence about what was taken for granted about the data or done to them.
  func note(_ sentence: String)
}

extension NamedArrays {
  public var settingsPath: String { "" }

  /// The option that gives a setting, as in `--set starts=1`, for sentences.
  func option(_ setting: String) -> String { "--set \(settingsPath)\(setting)" }

  func contains(_ name: String) -> Bool { names.contains(name) }
}

/// Arrays that make no problem. Its description is one sentence.
public struct InputError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file, or whatever else the arrays are told apart by.
  public let place: String
  public let problem: String

  public init(place: String, problem: String) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}

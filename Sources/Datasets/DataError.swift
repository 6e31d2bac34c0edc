/// An input file that cannot be used.
///
/// The description is one sentence that names the file, what was found, and what was expected.
public struct DataError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The kind of failure, which decides the exit code.
  public enum Kind: Sendable, Equatable {
    /// The file is missing, unreadable, truncated, or not what its name or digest says.
    case unreadable
    /// The file could be read, but its numbers are not suitable.
    case unfit
    /// The file cannot be written.
    case unwritable
  }

  /// The kind of failure, which decides the exit code of a command.
  public let kind: Kind
  /// The file that cannot be used, as the user named it.
  public let path: String
  /// What is wrong, as the second half of a sentence that begins with the file.
  public let problem: String

  /// Whether the file does not fit into memory, so that a larger machine could read it.
  let isOfMemory: Bool

  /// Creates an error from its kind, its file, and the second half of its sentence.
  public init(_ kind: Kind = .unreadable, path: String, problem: String) {
    self.init(kind, path: path, problem: problem, isOfMemory: false)
  }

  init(_ kind: Kind, path: String, problem: String, isOfMemory: Bool) {
    self.kind = kind
    self.path = path
    self.problem = problem
    self.isOfMemory = isOfMemory
  }

  /// The file and the problem in one sentence.
  public var description: String { "\(path): \(problem)" }

  static func missing(_ path: String) -> DataError { DataError(path: path, problem: "there is no such file") }

  static func truncated(_ path: String, holds: Int, promised: Int) -> DataError {
    DataError(path: path, problem: "is truncated: it holds \(holds) bytes of data, but its header promises \(promised)")
  }
}

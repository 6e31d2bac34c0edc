/// An input file that cannot be used. Its description is one sentence that names the file, what was found and what was expected.
public struct DataError: Error, Equatable, CustomStringConvertible, Sendable {
  public enum Kind: Sendable, Equatable {
    /// The file is missing, unreadable, truncated, or not what its name or hash says.
    case unreadable
    /// The file could be read, but its numbers are not fit for their use.
    case unfit
    /// The file cannot be written.
    case unwritable
  }

  public let kind: Kind
  public let path: String
  public let problem: String

  /// Whether another machine could read the file.
  let isOfMemory: Bool

  public init(_ kind: Kind = .unreadable, path: String, problem: String) {
    self.init(kind, path: path, problem: problem, isOfMemory: false)
  }

  init(_ kind: Kind, path: String, problem: String, isOfMemory: Bool) {
    self.kind = kind
    self.path = path
    self.problem = problem
    self.isOfMemory = isOfMemory
  }

  public var description: String { "\(path): \(problem)" }

  static func missing(_ path: String) -> DataError { DataError(path: path, problem: "there is no such file") }

  static func truncated(_ path: String, holds: Int, promised: Int) -> DataError {
    DataError(path: path, problem: "is truncated: it holds \(holds) bytes of data, but its header promises \(promised)")
  }
}

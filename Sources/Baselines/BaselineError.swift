import LinearAlgebra

/// What keeps a rival's algorithm from an answer. Its description is one sentence.
public enum BaselineError: Error, Equatable, CustomStringConvertible, Sendable {
  /// `task` needs more bytes for `use` than it may take.
  case memory(task: String, needed: Double, limit: Double, use: String)
  /// The linear program of `task` could not be set up.
  case noLinearProgram(task: String)
  /// No linear program of `task` could be solved.
  case unsolved(task: String)

  public var description: String {
    switch self {
    case .memory(let task, let needed, let limit, let use):
      "\(task) would need \(MachineMemory.text(needed)) for \(use), but \(MachineMemory.text(limit)) is its limit"
    case .noLinearProgram(let task): "the linear program of \(task) could not be set up"
    case .unsolved(let task): "no linear program of \(task) could be solved"
    }
  }
}

import LinearAlgebra

/// The reason why a baseline algorithm has no answer; its description is one sentence.
public enum BaselineError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The algorithm needs more memory in bytes for `use` than it is allowed.
  case memory(task: String, needed: Double, limit: Double, use: String)
  /// The linear program of `task` could not be set up.
  case noLinearProgram(task: String)
  /// No linear program of `task` could be solved.
  case unsolved(task: String)

  /// The reason in one sentence.
  public var description: String {
    switch self {
    case .memory(let task, let needed, let limit, let use):
      "\(task) would need \(MachineMemory.text(needed)) for \(use), but its limit is \(MachineMemory.text(limit))"
    case .noLinearProgram(let task): "the linear program of \(task) could not be set up"
    case .unsolved(let task): "no linear program of \(task) could be solved"
    }
  }
}

/// How a solver ended. Anything but `converged` means that the result is the best found, not the answer.
public enum Status: Equatable, Sendable, CustomStringConvertible {
  /// The residual fell to the tolerance.
  case converged
  /// The iteration limit was reached first.
  case iterationLimit
  /// No further progress was possible, for the given reason.
  case stalled(reason: String)
  /// The monitor asked to stop.
  case cancelled

  public var isConverged: Bool { self == .converged }

  /// One word, stable across versions, for tables and files.
  public var name: String {
    switch self {
    case .converged: "converged"
    case .iterationLimit: "iteration-limit"
    case .stalled: "stalled"
    case .cancelled: "cancelled"
    }
  }

  public var description: String {
    if case .stalled(let reason) = self { "stalled (\(reason))" } else { name }
  }
}

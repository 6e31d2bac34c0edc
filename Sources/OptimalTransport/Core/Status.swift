/// How a solver ended. Anything but `converged` means that the result is the best found, not the answer.
public enum Status: Equatable, Sendable, CustomStringConvertible {
  /// The residual fell to the tolerance.
  case converged
  /// The iteration limit was reached first.
  case iterationLimit
  /// No further progress was possible, for the given reason.
  case stalled(reason: String)
  /// The monitor asked to stop.
  case interrupted

  public var isConverged: Bool { self == .converged }

  /// This status, once the finished plan is looked at: potentials that double precision can no longer resolve (costs beyond about 1e12 ε)
  /// meet every residual, but not the conditions on the plan.
  ///
  /// - Parameters:
  ///   - error: how far the plan is from its optimality conditions, as a fraction of its mass.
  ///   - culprit: what is too small or too large, as a clause; nil when that is not known.
  func confirmed(
    error: Double, tolerance: Double, because culprit: String? = "ε is too small for costs of this size"
  ) -> Status {
    if !isConverged || error <= 4 * tolerance + 1e-11 { return self }
    let reason = culprit.map { "; \($0)" } ?? ""
    return .stalled(reason: "rounding leaves an error of \(error) in the marginals\(reason)")
  }

  /// One word, stable across versions, for tables and files.
  public var name: String {
    switch self {
    case .converged: "converged"
    case .iterationLimit: "iteration-limit"
    case .stalled: "stalled"
    case .interrupted: "interrupted"
    }
  }

  public var description: String {
    if case .stalled(let reason) = self { "stalled (\(reason))" } else { name }
  }
}

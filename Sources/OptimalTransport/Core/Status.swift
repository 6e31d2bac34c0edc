/// How a solver ended; unless it is `converged`, the result is the best state found rather than a solution.
public enum Status: Equatable, Sendable, CustomStringConvertible {
  /// The residual reached the tolerance, and the finished result meets its optimality conditions.
  case converged
  /// The iteration limit was reached before the tolerance.
  case iterationLimit
  /// No further progress was possible, for the given reason.
  case stalled(reason: String)
  /// The monitor stopped the solver.
  case interrupted

  /// Whether the solver met its tolerance.
  public var isConverged: Bool { self == .converged }

  /// Checks this status against the finished plan.
  ///
  /// Potentials that exceed double precision (for costs beyond about 1e12 ε) can have a small residual although the
  /// plan violates its optimality conditions.
  ///
  /// - Parameters:
  ///   - error: the violation of the optimality conditions, as a fraction of the mass.
  ///   - tolerance: the tolerance of the solver.
  ///   - culprit: the likely cause, as a clause; nil if it is unknown.
  /// - Returns: this status, or `stalled` if it is `converged` but the error is too large.
  func confirmed(
    error: Double, tolerance: Double, because culprit: String? = "ε is too small for costs of this size"
  ) -> Status {
    if !isConverged || error <= 4 * tolerance + 1e-11 { return self }
    let reason = culprit.map { "; \($0)" } ?? ""
    return .stalled(reason: "rounding leaves an error of \(error) in the marginals\(reason)")
  }

  /// The status in one word, stable across versions, for tables and files.
  public var name: String {
    switch self {
    case .converged: "converged"
    case .iterationLimit: "iteration-limit"
    case .stalled: "stalled"
    case .interrupted: "interrupted"
    }
  }

  /// The status as text, with the reason if the solver stalled.
  public var description: String {
    if case .stalled(let reason) = self { "stalled (\(reason))" } else { name }
  }
}

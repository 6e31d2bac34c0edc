import Dispatch

/// When an iteration ends.
public struct StoppingRule: Sendable {
  /// The residual at which the solver is done.
  public var tolerance: Double
  /// The most iterations.
  public var iterationLimit: Int
  /// The residual is judged, and a trace point recorded, at iterations 1, 1 + interval, 1 + 2·interval, … and at the last one.
  public var interval: Int

  public init(tolerance: Double, iterationLimit: Int, interval: Int = 1) {
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
    self.interval = interval
  }

  package func validate() throws(ProblemError) {
    if !(tolerance >= 0) { throw .parameter(name: "tolerance", found: "\(tolerance)", expected: "a number that is not negative") }
    if iterationLimit < 1 { throw .parameter(name: "iteration limit", found: "\(iterationLimit)", expected: "at least 1") }
    if interval < 1 { throw .parameter(name: "check interval", found: "\(interval)", expected: "at least 1") }
  }
}

/// Watches a solver at work, and stops it by returning false; the solver then returns its best or last state with the status `interrupted`.
///
/// It is asked in the solver's own thread at recorded steps alone: at the first one of an iteration, and at those that follow by 0.1 s or more. Solvers
/// of several iterations, one after the other, ask it in each.
public typealias Monitor = @Sendable (Trace.Point) -> Bool

/// What one step of an iteration tells the loop.
package enum StepOutcome {
  /// The step was made; `objective` belongs to the state before it. While `isSettled` is false, a small residual is not convergence.
  case advanced(residual: Double, objective: Double? = nil, isSettled: Bool = true)
  /// The step could not be made; the state is the last good one.
  case stalled(reason: String)
}

/// What is left of an iteration beside its state.
package struct Run: Sendable {
  package var status: Status
  /// Those made.
  package var iterations: Int
  package var trace: Trace

  package init(_ status: Status, iterations: Int, trace: Trace = Trace()) {
    self.status = status
    self.iterations = iterations
    self.trace = trace
  }
}

/// The least time between two looks of a monitor, in nanoseconds.
let monitorInterval: UInt64 = 100_000_000

/// The one loop of all iterative solvers: limits, residual checks, trace, progress and cancellation. A solver gives only its step.
///
/// - Throws: what the step throws, at once.
package func iterate<Failure: Error>(
  _ rule: StoppingRule, monitor: Monitor? = nil, step: (_ iteration: Int) throws(Failure) -> StepOutcome
) throws(Failure) -> Run {
  var trace = Trace()
  let start = DispatchTime.now().uptimeNanoseconds
  var nextLook = start
  for iteration in 1...rule.iterationLimit {
    switch try step(iteration) {
    case .stalled(let reason):
      return Run(.stalled(reason: reason), iterations: iteration - 1, trace: trace)
    case .advanced(let residual, let objective, let isSettled):
      guard residual.isFinite else { return Run(.stalled(reason: "the residual is not finite"), iterations: iteration, trace: trace) }
      guard (iteration - 1) % rule.interval == 0 || iteration == rule.iterationLimit else { continue }
      let now = DispatchTime.now().uptimeNanoseconds
      let seconds = Double(now - start) * 1e-9
      let point = Trace.Point(iteration: iteration, objective: objective, residual: residual, secondsElapsed: seconds)
      trace.points.append(point)
      if isSettled, residual <= rule.tolerance { return Run(.converged, iterations: iteration, trace: trace) }
      guard let monitor, now >= nextLook else { continue }
      nextLook = now + monitorInterval
      if !monitor(point) { return Run(.interrupted, iterations: iteration, trace: trace) }
    }
  }
  return Run(.iterationLimit, iterations: rule.iterationLimit, trace: trace)
}

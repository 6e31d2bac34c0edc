import Dispatch

/// The condition under which an iterative solver stops: a tolerance on its residual and a limit on its iterations.
public struct StoppingRule: Sendable {
  /// The residual at which the solver has converged; its meaning is documented with each solver.
  public var tolerance: Double
  /// The maximum number of iterations, at least 1.
  public var iterationLimit: Int
  /// The number of iterations between checks of the residual, at least 1.
  ///
  /// The residual is checked, and a trace point recorded, at iterations 1, 1 + interval, 1 + 2·interval, …, and at
  /// the last one.
  public var interval: Int

  /// Creates a stopping rule.
  ///
  /// - Parameters:
  ///   - tolerance: the residual at which the solver has converged, not negative.
  ///   - iterationLimit: the maximum number of iterations, at least 1.
  ///   - interval: the number of iterations between checks of the residual, at least 1.
  public init(tolerance: Double, iterationLimit: Int, interval: Int = 1) {
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
    self.interval = interval
  }

  package func validate() throws(ProblemError) {
    if !(tolerance >= 0) {
      throw .parameter(name: "the tolerance", found: "\(tolerance)", expected: "a number that is not negative")
    }
    if iterationLimit < 1 {
      throw .parameter(name: "the iteration limit", found: "\(iterationLimit)", expected: "at least 1")
    }
    if interval < 1 { throw .parameter(name: "the check interval", found: "\(interval)", expected: "at least 1") }
  }
}

/// A function that observes a running solver, and stops it by returning `false`.
///
/// A stopped solver returns its best or last state with status `interrupted`. The monitor is called on the solver's
/// thread with a recorded step: the first one of an iteration, and then those that follow the previous call by at
/// least 0.1 s. Solvers that consist of several iterations call it in each of them.
public typealias Monitor = @Sendable (Trace.Point) -> Bool

/// The result of one step of an iteration, as reported to the loop.
package enum StepOutcome {
  /// The step succeeded.
  ///
  /// `objective` belongs to the state before the step. As long as `isSettled` is false, a small residual does not
  /// count as convergence.
  case advanced(residual: Double, objective: Double? = nil, isSettled: Bool = true)
  /// The step failed; the state is the last good one.
  case stalled(reason: String)
}

/// The outcome of an iteration apart from its final state.
package struct Run: Sendable {
  package var status: Status
  /// The number of iterations that were made.
  package var iterations: Int
  package var trace: Trace

  package init(_ status: Status, iterations: Int, trace: Trace = Trace()) {
    self.status = status
    self.iterations = iterations
    self.trace = trace
  }
}

/// The minimum time between two calls of a monitor, in nanoseconds.
let monitorInterval: UInt64 = 100_000_000

/// Runs the loop that all iterative solvers share: iteration limit, residual checks, trace, progress, and
/// cancellation.
///
/// - Parameters:
///   - rule: when to stop.
///   - monitor: observes the iteration and may stop it.
///   - step: makes one step and reports its residual.
/// - Returns: the status, the number of iterations, and the trace.
/// - Throws: any error of `step`, immediately.
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
      guard residual.isFinite else {
        return Run(.stalled(reason: "the residual is not finite"), iterations: iteration, trace: trace)
      }
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

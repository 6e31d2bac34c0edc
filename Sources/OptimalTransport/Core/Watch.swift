import Dispatch
import Synchronization

/// A caller's monitor, shared by a computation of several parts.
///
/// It remembers that the monitor asked to stop, so that no further part begins, and it can be asked between
/// iterations by parts that have no iterations of their own.
package final class Watch: Sendable {
  private struct State {
    var hasStopped = false
    var nextLook: UInt64
  }

  private let caller: Monitor?
  private let start = DispatchTime.now().uptimeNanoseconds
  private let state: Mutex<State>

  /// Wraps a caller's monitor; nil if there is none.
  package init(_ monitor: Monitor?) {
    caller = monitor
    state = Mutex(State(nextLook: start + monitorInterval))
  }

  /// Whether the monitor has asked to stop.
  package var hasStopped: Bool { state.withLock { $0.hasStopped } }

  /// The monitor to pass to a part; once the caller's monitor has asked to stop, it is not called again.
  package var monitor: Monitor? {
    guard caller != nil else { return nil }
    return { point in self.goesOn(point) }
  }

  /// Asks the monitor whether to continue, at most every tenth of a second.
  ///
  /// - Parameters:
  ///   - step: the number of the step, counted from 1, for work without iterations.
  ///   - objective: the lowest objective so far, if it is known.
  /// - Returns: whether to continue.
  func goesOn(step: Int, objective: Double? = nil) -> Bool {
    guard caller != nil else { return true }
    let now = DispatchTime.now().uptimeNanoseconds
    let (hasStopped, isDue) = state.withLock { ($0.hasStopped, now >= $0.nextLook) }
    guard !hasStopped, isDue else { return !hasStopped }
    return goesOn(
      Trace.Point(iteration: step, objective: objective, residual: 1, secondsElapsed: Double(now - start) * 1e-9))
  }

  private func goesOn(_ point: Trace.Point) -> Bool {
    if hasStopped { return false }
    let goesOn = caller?(point) ?? true
    state.withLock { state in
      state.nextLook = DispatchTime.now().uptimeNanoseconds + monitorInterval
      if !goesOn { state.hasStopped = true }
    }
    return goesOn
  }
}

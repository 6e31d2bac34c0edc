import Dispatch
import Synchronization

/// A caller's monitor over work of several parts. It remembers that the monitor said stop, so that no further part begins, and asks it
/// between iterations as well, in work that has none of its own.
package final class Watch: Sendable {
  private struct State {
    var hasStopped = false
    var nextLook: UInt64
  }

  private let caller: Monitor?
  private let start = DispatchTime.now().uptimeNanoseconds
  private let state: Mutex<State>

  /// - Parameter monitor: the caller's; nil where nobody watches.
  package init(_ monitor: Monitor?) {
    caller = monitor
    state = Mutex(State(nextLook: start + monitorInterval))
  }

  /// Whether the monitor has said stop.
  package var hasStopped: Bool { state.withLock { $0.hasStopped } }

  /// For the iterations of a part; once the caller's has said stop it is not asked again, and the answer stays.
  package var monitor: Monitor? {
    guard caller != nil else { return nil }
    return { point in self.goesOn(point) }
  }

  /// Asks whether to go on, a tenth of a second after the last look at the earliest.
  ///
  /// - Parameters:
  ///   - step: of the work that is not an iteration, counted from 1.
  ///   - objective: the lowest so far, where it is known.
  func goesOn(step: Int, objective: Double? = nil) -> Bool {
    guard caller != nil else { return true }
    let now = DispatchTime.now().uptimeNanoseconds
    let (hasStopped, isDue) = state.withLock { ($0.hasStopped, now >= $0.nextLook) }
    guard !hasStopped, isDue else { return !hasStopped }
    return goesOn(Trace.Point(iteration: step, objective: objective, residual: 1, secondsElapsed: Double(now - start) * 1e-9))
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

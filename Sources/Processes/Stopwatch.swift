import Dispatch

/// Measures seconds by a monotonic clock, which changes of the system time do not affect.
public struct Stopwatch: Sendable {
  private var start = DispatchTime.now().uptimeNanoseconds

  /// Creates a stopwatch that starts now.
  public init() {}

  /// Seconds since the stopwatch was created or restarted.
  public var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }

  /// Sets the elapsed time back to zero.
  public mutating func restart() { self = Stopwatch() }

  /// Returns whether more than `interval` seconds have passed, and restarts the stopwatch if so.
  public mutating func hasPassed(_ interval: Double) -> Bool {
    guard seconds > interval else { return false }
    restart()
    return true
  }
}

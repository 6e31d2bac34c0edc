import Dispatch

/// Seconds since it was made or restarted, by the clock that nobody sets: the calendar's can jump, and then a limit would never be reached.
public struct Stopwatch: Sendable {
  private var start = DispatchTime.now().uptimeNanoseconds

  public init() {}

  public var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }

  public mutating func restart() { self = Stopwatch() }

  /// Whether so many seconds have passed; if so it starts anew.
  public mutating func hasPassed(_ interval: Double) -> Bool {
    guard seconds > interval else { return false }
    restart()
    return true
  }
}

import Foundation
import Processes

/// The CPU time in seconds since the clock was created.
struct ProcessorClock {
  private let start = clock()
  var seconds: Double { Double(clock() - start) / Double(CLOCKS_PER_SEC) }
}

/// A clock that is due once a second.
final class ProgressClock: @unchecked Sendable {
  private var clock = Stopwatch()

  var isDue: Bool {
    clock.hasPassed(1)
  }
}

import Foundation
import Processes

/// Processor seconds since it was made.
struct ProcessorClock {
  private let start = clock()
  var seconds: Double { Double(clock() - start) / Double(CLOCKS_PER_SEC) }
}

/// Says when a second has passed since it last said so.
final class ProgressClock: @unchecked Sendable {
  private var clock = Stopwatch()

  var isDue: Bool {
    clock.hasPassed(1)
  }
}

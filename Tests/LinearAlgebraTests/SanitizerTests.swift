import Foundation
import LinearAlgebra
import Synchronization
import Testing

/// What shows that `make soak` sees what it is to see.
@Suite struct SanitizerTests {
  private static func isSet(_ name: String) -> Bool { ProcessInfo.processInfo.environment[name] != nil }

  /// Two threads count in one place without a lock, where a variable asks for it: the thread sanitizer must report
  /// that.
  @Test func aDeliberateRaceIsThereToBeReported() {
    guard Self.isSet("OTLAB_DELIBERATE_RACE") else { return }
    let place = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    place.initialize(to: 0)
    nonisolated(unsafe) let shared = place
    // Both are at work at once, and nothing but the counting puts one before the other: relaxed operations order no
    // memory.
    let waiting = Atomic(2)
    let threads = (0..<2).map { _ in
      Thread {
        waiting.subtract(1, ordering: .relaxed)
        while waiting.load(ordering: .relaxed) > 0 { sched_yield() }
        for _ in 0..<1000 { Self.count(shared) }
      }
    }
    for thread in threads { thread.start() }
    while !threads.allSatisfy(\.isFinished) { usleep(1000) }
    #expect(place.pointee > 0)
    place.deallocate()
  }

  @inline(never) private static func count(_ place: UnsafeMutablePointer<Int>) { place.pointee += 1 }

  /// In the build that is made for them asserts are evaluated.
  @Test func assertsAreEvaluatedWhereTheyAreAskedFor() {
    var isEvaluated = false
    assert(
      {
        isEvaluated = true; return true
      }())
    if Self.isSet("OTLAB_ASSERTS") { #expect(isEvaluated) }
  }
}

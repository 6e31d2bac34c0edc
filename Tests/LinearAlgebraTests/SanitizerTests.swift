import Foundation
import LinearAlgebra
import Testing

/// What shows that `make soak` sees what it is to see.
@Suite struct SanitizerTests {
  private static func isSet(_ name: String) -> Bool { ProcessInfo.processInfo.environment[name] != nil }

  /// Two threads count in one place without a lock, where a variable asks for it: the thread sanitizer must report that.
  @Test func aDeliberateRaceIsThereToBeReported() {
    guard Self.isSet("OTLAB_DELIBERATE_RACE") else { return }
    let place = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    place.initialize(to: 0)
    nonisolated(unsafe) let shared = place
    let threads = (0..<2).map { _ in Thread { for _ in 0..<100_000 { shared.pointee += 1 } } }
    for thread in threads { thread.start() }
    while !threads.allSatisfy(\.isFinished) { usleep(1000) }
    #expect(place.pointee > 0)
    place.deallocate()
  }

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

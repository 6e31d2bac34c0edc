import Foundation

/// Ctrl-C and termination, turned from sudden death into an orderly end: who runs children looks at `isInterrupted`, stops them, removes
/// what they built, and the process ends with 130.
public final class Interruption: @unchecked Sendable {
  public static let shared = Interruption()

  private let lock = NSLock()
  private var interrupted = false
  private var watchers = 0
  private var sources: [any DispatchSourceSignal] = []
  /// The signals that were taken over.
  private(set) var taken: [Int32] = []

  public var isInterrupted: Bool { lock.withLock { interrupted } }

  /// Takes the signals over, but for those that are ignored already, as `nohup` has it. Call once, at the start of a command that runs children.
  public func install() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number, SIG_IGN)
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
      taken.append(number)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        let isWatched = lock.withLock {
          interrupted = true
          return watchers > 0
        }
        // Nobody looks, so there is nothing to clean.
        if !isWatched { _exit(130) }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// In a child: ends the process when its parent is gone, be it killed without a chance to say so.
  ///
  /// - Parameter parent: its identifier as it was told; asking for it here could find it gone already, and somebody else in its place.
  public static func endWithParent(_ parent: Int32) {
    Thread.detachNewThread {
      while getppid() == parent { usleep(200_000) }
      // With what it has started, such as gnuplot.
      if getpgrp() == getpid() { kill(0, SIGKILL) }
      _exit(130)
    }
  }

  /// Runs a part that looks at `isInterrupted` often and cleans up.
  package func watched<T>(_ body: () throws -> T) rethrows -> T {
    lock.withLock { watchers += 1 }
    defer { lock.withLock { watchers -= 1 } }
    return try body()
  }
}

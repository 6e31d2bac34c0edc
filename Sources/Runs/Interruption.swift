import Foundation

/// Turns Ctrl-C and termination signals into an orderly end.
///
/// Code that runs children checks `isInterrupted`, stops them, and removes unfinished files; the process then exits
/// with 130.
public final class Interruption: @unchecked Sendable {
  /// The only instance, since signals concern the whole process.
  public static let shared = Interruption()

  private let lock = NSLock()
  private var interrupted = false
  private var watchers = 0
  private var sources: [any DispatchSourceSignal] = []
  /// The signals that are handled.
  private(set) var taken: [Int32] = []

  /// Whether a signal has arrived.
  public var isInterrupted: Bool { lock.withLock { interrupted } }

  /// Handles the signals, except those that are already ignored, as under `nohup`.
  ///
  /// Call it once, at the start of a command that runs children.
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
        // Nothing watches for the interruption, so there is nothing to clean up.
        if !isWatched { _exit(130) }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Ends this child process when its parent is gone, even if the parent was killed.
  ///
  /// - Parameter parent: the parent's process identifier as the parent passed it; asking the system here could
  ///   already name another process.
  public static func endWithParent(_ parent: Int32) {
    Thread.detachNewThread {
      while getppid() == parent { usleep(200_000) }
      // This includes programs that the process has started, such as gnuplot.
      if getpgrp() == getpid() { kill(0, SIGKILL) }
      _exit(130)
    }
  }

  /// Runs an operation that checks `isInterrupted` often and cleans up after itself.
  package func watched<T>(_ body: () throws -> T) rethrows -> T {
    lock.withLock { watchers += 1 }
    defer { lock.withLock { watchers -= 1 } }
    return try body()
  }
}

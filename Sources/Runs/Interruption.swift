import Foundation

/// Ctrl-C and termination, turned from sudden death into an orderly end: the child is stopped first, its staging removed by who waits for
/// it, and the process ends with 130.
public final class Interruption: @unchecked Sendable {
  public static let shared = Interruption()

  private let lock = NSLock()
  private var child: Process?
  private var interrupted = false
  private var sources: [any DispatchSourceSignal] = []

  public var isInterrupted: Bool { lock.withLock { interrupted } }

  /// Takes the signals over. Call once, at the start of a command that runs children.
  public func install() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        let hadChild = lock.withLock {
          interrupted = true
          child?.terminate()
          return child != nil
        }
        // Nobody waits for a child that could clean up, so there is nothing to clean.
        if !hadChild { _exit(130) }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// In a child: gives the signals their ordinary meaning back, which exec does not.
  public static func restoreDefaults() {
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
  }

  /// Starts a process and waits for it; an interruption in the meantime ends it.
  func run(_ process: Process) throws {
    try lock.withLock {
      try process.run()
      child = process
      if interrupted { process.terminate() }
    }
    process.waitUntilExit()
    lock.withLock { child = nil }
  }
}

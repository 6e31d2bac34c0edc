import Foundation
import Processes
import Runs

/// The progress of runs on standard error: a bar with the time left on a terminal, and otherwise one line for each
/// finished run.
///
/// Failures have a line of their own in both cases.
final class Progress {
  private let total: Int
  private let showsRuns: Bool
  private let bar: ProgressBar?
  private let started = Stopwatch()
  private var (made, reused, failed, skipped) = (0, 0, 0, 0)
  private var waitedFor: Set<String> = []
  private(set) var firstFailure: RunFailure?

  /// Starts the display for a number of runs; `showsRuns` tells whether to print the folder of each finished run.
  init(total: Int, showsRuns: Bool = true) {
    self.total = total
    self.showsRuns = showsRuns
    bar = ProgressBar.ofTerminal
  }

  func note(_ event: RunSchedule.Event) {
    switch event {
    case .started: break
    case .elsewhere(let request):
      waitedFor.insert(request.key)
      if bar == nil { say("\(name(request)): another process is running this") }
    case .ended(let request, let outcome, let seconds): note(request, outcome, seconds)
    case .tick(let active): draw(active)
    }
  }

  private func note(_ request: RunRequest, _ outcome: RunOutcome, _ seconds: Double) {
    switch outcome {
    case .finished(let run):
      made += 1
      if bar == nil, showsRuns {
        say("[\(done)/\(total)] \(name(request)): \(run.outcome), \(Quantity.time(seconds)), \(run.directory)")
      }
    case .reused(let run):
      reused += 1
      if bar == nil, waitedFor.contains(request.key) {
        say("[\(done)/\(total)] \(name(request)): \(run.outcome), made by another process")
      }
    case .failed(let failure):
      failed += 1
      firstFailure = firstFailure ?? failure
      say("error: \(failure.sentence)")
      say("[\(done)/\(total)] \(name(request)): failed after \(Quantity.time(seconds)); its log is \(failure.log)")
    case .skipped: skipped += 1
    case .interrupted: break
    }
  }

  private func name(_ request: RunRequest) -> String { "\(request.experiment) \(request.title) \(request.key)" }

  private var done: Int { made + reused + failed + skipped }

  private func say(_ line: String) {
    bar?.erase()
    printError(line)
  }

  private func draw(_ active: [(request: RunRequest, says: String?)]) {
    guard let bar else { return }
    var parts = ["\(done)/\(total)"]
    if failed > 0 { parts.append("\(failed) failed") }
    if let left = secondsLeft { parts.append("\(Quantity.time(left.rounded(.up))) left") }
    parts += active.map { "\($0.request.title)\($0.says.map { ": \($0)" } ?? "")" }
    bar.draw(fraction: Double(done) / Double(max(1, total)), text: parts.joined(separator: " · "))
  }

  /// The estimated seconds left, judged by the runs so far; nil before there is one.
  private var secondsLeft: Double? {
    let worked = made + failed
    guard worked > 0, done < total else { return nil }
    return started.seconds / Double(worked) * Double(total - done)
  }

  /// Prints the last line.
  func finish() {
    bar?.erase()
    let counts = [
      made > 0 ? "\(made) made in \(Quantity.time(started.seconds))" : "",
      reused > 0 ? "\(reused) already finished" : "", failed > 0 ? "\(failed) failed" : "",
      skipped > 0 ? "\(skipped) not started" : "",
    ].filter { !$0.isEmpty }
    printError(
      "\(total) run\(total == 1 ? "" : "s"): \(counts.isEmpty ? "none ended" : counts.joined(separator: ", "))")
  }
}

/// A line of a terminal that is redrawn in place.
struct ProgressBar {
  let width: Int
  let isColored: Bool

  /// A bar on standard error; nil if it is not a terminal that can redraw a line.
  static var ofTerminal: ProgressBar? {
    let environment = ProcessInfo.processInfo.environment
    guard isatty(2) == 1, environment["TERM"] != "dumb", environment["TERM"] != nil else { return nil }
    var size = winsize()
    let known = ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return ProgressBar(width: known ? Int(size.ws_col) : 80, isColored: (environment["NO_COLOR"] ?? "").isEmpty)
  }

  /// Returns a bar of twenty cells followed by as much of the text as fits.
  func line(fraction: Double, text: String) -> String {
    let cells = 20
    let full = min(cells, Int(fraction * Double(cells)))
    let bar = String(repeating: "━", count: full) + String(repeating: "─", count: cells - full)
    let space = max(0, width - cells - 2)
    let shown = text.count > space ? String(text.prefix(max(0, space - 1))) + "…" : text
    return (isColored ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar) + " " + shown
  }

  func draw(fraction: Double, text: String) {
    writeError("\r\u{1B}[2K" + line(fraction: fraction, text: shown(text).replacing("\n", with: " ")))
  }

  /// Draws only the text, if the total amount of work is unknown.
  func draw(text: String) {
    writeError("\r\u{1B}[2K" + String(shown(text).replacing("\n", with: " ").prefix(max(0, width - 1))))
  }

  func erase() { writeError("\r\u{1B}[2K") }
}

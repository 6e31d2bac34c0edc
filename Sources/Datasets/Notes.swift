import Foundation

/// What was taken for granted about data and changes what they mean: a line taken as a header, weights that were rescaled, paper taken as mass.
///
/// Whoever reads for a user hands one down; rooms below a command never print. A note is said when it first comes up, so that it stands before the
/// error it may explain, and kept, so that it can stand in the answer.
public final class Notes: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  private var others: [String] = []
  private let say: @Sendable (String) -> Void

  /// - Parameter say: is told of each note once, without a line's end; commands print it to standard error as `note: …`.
  public init(say: @escaping @Sendable (String) -> Void = { _ in }) { self.say = say }

  /// - Parameter note: one short sentence that names the file or array, what was taken as what, and what says otherwise.
  public func add(_ note: String) {
    lock.lock()
    let isNew = !lines.contains(note)
    if isNew { lines.append(note) }
    lock.unlock()
    if isNew { say(note) }
  }

  /// - Parameter file: one that numbers are taken from, though another one was named.
  public func add(otherFile file: String, _ note: String) {
    lock.withLock { if !others.contains(file) { others.append(file) } }
    add(note)
  }

  /// Files that numbers were taken from beside those that were named.
  public var otherFiles: [String] { lock.withLock { others } }

  /// All notes, each once, in the order in which they came up.
  public var all: [String] {
    lock.lock()
    defer { lock.unlock() }
    return lines
  }
}

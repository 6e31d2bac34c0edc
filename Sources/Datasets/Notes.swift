import Foundation

/// Collects assumptions about data that change their meaning, such as a line taken as a header or weights that were
/// rescaled.
///
/// A command passes one to the readers, since the modules below a command never print. A note is shown as soon as it
/// arises, so that it precedes an error that it may explain, and kept, so that it can be part of the answer.
public final class Notes: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  private var others: [String] = []
  private let say: @Sendable (String) -> Void

  /// Creates a collection of notes; `say` receives each note once, and commands print it to standard error as `note:
  /// …`.
  public init(say: @escaping @Sendable (String) -> Void = { _ in }) { self.say = say }

  /// Adds a note, one short sentence that names the file or array, the assumption, and how to avoid it.
  public func add(_ note: String) {
    lock.lock()
    let isNew = !lines.contains(note)
    if isNew { lines.append(note) }
    lock.unlock()
    if isNew { say(note) }
  }

  /// Adds a note about a file that provides numbers although another file was named.
  public func add(otherFile file: String, _ note: String) {
    lock.withLock { if !others.contains(file) { others.append(file) } }
    add(note)
  }

  /// Files that provided numbers in addition to those that were named.
  public var otherFiles: [String] { lock.withLock { others } }

  /// All notes, each once, in the order in which they arose.
  public var all: [String] {
    lock.lock()
    defer { lock.unlock() }
    return lines
  }
}

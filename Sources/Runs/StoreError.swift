/// A problem with stored results or with a run's process; its description is one sentence.
public enum StoreError: Error, CustomStringConvertible, Sendable {
  /// A file or folder cannot be written.
  case unwritable(path: String, reason: String)
  /// A file or folder cannot be read.
  case unreadable(path: String, reason: String)
  /// A process cannot be started.
  case cannotStart(reason: String)
  /// A text refers to no run, or to more than one.
  case noSuchRun(String)

  /// The problem in one sentence.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotStart(let reason): "a run cannot be started: \(reason)"
    case .noSuchRun(let sentence): sentence
    }
  }
}

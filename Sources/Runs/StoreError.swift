/// What went wrong with results on disk or with a run's process. Its description is one sentence.
public enum StoreError: Error, CustomStringConvertible, Sendable {
  case unwritable(path: String, reason: String)
  case unreadable(path: String, reason: String)
  case cannotStart(reason: String)
  /// A text that names no run, or more than one.
  case noSuchRun(String)

  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotStart(let reason): "a run cannot be started: \(reason)"
    case .noSuchRun(let sentence): sentence
    }
  }
}

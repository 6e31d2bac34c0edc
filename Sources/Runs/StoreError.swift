/// What went wrong with results on disk or with a run's process. Its description is one sentence.
public enum StoreError: Error, CustomStringConvertible, Sendable {
  case unwritable(path: String, reason: String)
  case unreadable(path: String, reason: String)
  /// A child ended by a signal.
  case crashed(label: String, signal: Int, log: String)
  case cannotStart(reason: String)

  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "\(path): results cannot be written here: \(reason)"
    case .unreadable(let path, let reason): "\(path): this result cannot be read: \(reason)"
    case .crashed(let label, let signal, let log): "the run '\(label)' was ended by signal \(signal); its log is \(log)"
    case .cannotStart(let reason): "a run cannot be started: \(reason)"
    }
  }
}

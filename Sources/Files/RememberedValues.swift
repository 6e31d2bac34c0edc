import Documents
import Foundation

/// Values that were worked out of files, remembered between commands as long as each of these files keeps its stamp.
///
/// Nothing is remembered of a file that changed within the last seconds, since a second change could leave its times as
/// they are. A memory that cannot be read or written only costs time.
public struct RememberedValues {
  private let path: String
  private let settling: Double
  private var known: [String: Value]
  private var isChanged = false

  /// Reads the memory.
  ///
  /// - Parameters:
  ///   - path: where the values are remembered.
  ///   - settling: seconds after which another change of a file has another time.
  public init(path: String, settling: Double = 3) {
    self.path = path
    self.settling = settling
    known = (try? Value(jsonFile: path).object) ?? [:]
  }

  /// The value under a name, from the memory where all files are as they were, or worked out anew.
  ///
  /// O(files) in the first case.
  ///
  /// - Parameters:
  ///   - name: what the value is remembered by.
  ///   - files: paths of all files that it is known beforehand to depend on; one that is absent is one that may appear.
  ///   - work: works the value out, and says which other files it depends on.
  /// - Returns: the value.
  /// - Throws: what `work` throws; nothing is remembered then.
  public mutating func value(
    _ name: String, of files: [String], work: () throws -> (value: Value, others: [String])
  ) rethrows -> Value {
    if let entry = known[name], let value = entry["value"], let others = entry["others"]?.array?.compactMap(\.string),
      entry["stamps"]?.string == stamps(of: files + others)
    {
      return value
    }
    // Taken before the work: a file that changes meanwhile has another stamp afterwards.
    let before = stamps(of: files)
    let (value, others) = try work()
    if let before, before == stamps(of: files), let all = stamps(of: files + others) {
      known[name] = ["value": value, "others": .array(others.map(Value.string)), "stamps": .string(all)]
      isChanged = true
    }
    return value
  }

  /// Writes the memory, when it has changed and its folder is there.
  public mutating func save() {
    guard isChanged else { return }
    try? Value.object(known).json().write(toFile: path, atomically: true, encoding: .utf8)
    isChanged = false
  }

  /// One digest of the stamps of all files; nil when one of them changed just now.
  private func stamps(of files: [String]) -> String? {
    var hash = SHA256()
    for file in files {
      let stamp = FileStamp(of: file)
      if let stamp, !stamp.isOlder(than: settling) { return nil }
      hash.update(Array("\(file)\0\(stamp?.text ?? "absent")\0".utf8))
    }
    return hash.finish()
  }
}

import Foundation

/// The log of a run: lines `SECONDS s  TEXT` and whatever the process wrote to standard error.
enum Log {
  /// Returns the last complete lines, from at most the last four kilobytes; on a full disk the end of a line may be
  /// missing.
  static func tail(_ path: String) -> [String] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    let size = (try? file.seekToEnd()) ?? 0
    try? file.seek(toOffset: size > 4096 ? size - 4096 : 0)
    guard let data = try? file.readToEnd() else { return [] }
    guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    return String(decoding: data[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Returns a line without its time.
  static func text(_ line: String) -> String {
    line.firstRange(of: " s  ").map { String(line[$0.upperBound...]) } ?? line
  }
}

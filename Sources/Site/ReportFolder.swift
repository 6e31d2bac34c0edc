import Foundation
import Runs

/// The folder of a report, exchanged as a whole: a reader finds the old one or the new one, and never a half.
public struct ReportFolder {
  public let path: String
  /// The file that says that a folder is a report, and may be replaced: it names what the report has put there.
  private static let mark = ".otlab-report"

  public init(_ path: String) { self.path = path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// Takes away what reports of killed processes have left beside this one.
  private func removeLeftovers() {
    let place = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: place.isEmpty ? "." : place)) ?? [] {
      for mark in [".new-", ".old-"] where entry.hasPrefix(name + mark) {
        guard let process = pid_t(entry.dropFirst(name.count + mark.count)), kill(process, 0) != 0, errno == ESRCH else { continue }
        try? FileManager.default.removeItem(atPath: place.isEmpty ? entry : "\(place)/\(entry)")
      }
    }
  }

  /// Has a new report made in a folder beside this one, and puts it in the place of the old one when it is whole.
  ///
  /// - Parameter make: writes the report into the folder that it is given.
  /// - Throws: what `make` throws, or `StoreError` where files cannot be written or the folder holds something else.
  public func replace(by make: (String) throws -> Void) throws {
    let files = FileManager.default
    if files.fileExists(atPath: path) {
      let own = try? String(contentsOfFile: "\(path)/\(Self.mark)", encoding: .utf8).split(separator: "\n").map(String.init)
      let found = (try? files.contentsOfDirectory(atPath: path)) ?? [path]
      // Those that earlier builds made name nothing; what must not be lost is runs.
      let isForeign = { (name: String) in own?.isEmpty == true ? ["runs", ".staging"].contains(name) : own?.contains(name) != true }
      if let other = found.filter({ $0 != Self.mark && isForeign($0) }).min() {
        throw StoreError.unwritable(
          path: path, reason: "it holds something else than a report ('\(other)'); give another folder by --output")
      }
    }
    removeLeftovers()
    let (building, old) = ("\(path).new-\(getpid())", "\(path).old-\(getpid())")
    defer { for left in [building, old] { try? files.removeItem(atPath: left) } }
    do {
      try files.createDirectory(atPath: building, withIntermediateDirectories: true)
      try make(building)
      let made = try files.contentsOfDirectory(atPath: building).sorted().joined(separator: "\n")
      try Data(made.utf8).write(to: URL(fileURLWithPath: "\(building)/\(Self.mark)"))
      if files.fileExists(atPath: path) { try files.moveItem(atPath: path, toPath: old) }
      try files.moveItem(atPath: building, toPath: path)
    } catch is CocoaError {
      throw StoreError.unwritable(path: path, reason: "no permission, or the disk is full")
    }
  }
}

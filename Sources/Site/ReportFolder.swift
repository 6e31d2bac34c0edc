import Foundation
import Runs

/// The folder of a report, which is replaced as a whole, so that a reader finds either the old report or the new one.
public struct ReportFolder {
  /// The path of the folder.
  public let path: String
  /// The file that marks a folder as a replaceable report and lists what the report has put there.
  private static let mark = ".otlab-report"

  /// Creates a description of a folder, which need not exist yet.
  public init(_ path: String) { self.path = path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// Removes what killed processes have left beside the report.
  private func removeLeftovers() {
    let place = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: place.isEmpty ? "." : place)) ?? [] {
      for mark in [".new-", ".old-"] where entry.hasPrefix(name + mark) {
        guard let process = pid_t(entry.dropFirst(name.count + mark.count)), kill(process, 0) != 0, errno == ESRCH
        else { continue }
        try? FileManager.default.removeItem(atPath: place.isEmpty ? entry : "\(place)/\(entry)")
      }
    }
  }

  /// Replaces the report by a new one, which is made in a folder beside it.
  ///
  /// - Parameter make: writes the report into the folder that it gets.
  /// - Throws: The error of `make`, or `StoreError` if files cannot be written or the folder holds something else.
  public func replace(by make: (String) throws -> Void) throws {
    let files = FileManager.default
    if files.fileExists(atPath: path) {
      let own = try? String(contentsOfFile: "\(path)/\(Self.mark)", encoding: .utf8).split(separator: "\n").map(
        String.init)
      let found = (try? files.contentsOfDirectory(atPath: path)) ?? [path]
      // Reports of earlier versions list nothing; above all, runs must not be lost.
      let isForeign = { (name: String) in
        own?.isEmpty == true ? ["runs", ".staging"].contains(name) : own?.contains(name) != true
      }
      if let other = found.filter({ $0 != Self.mark && isForeign($0) }).min() {
        throw StoreError.unwritable(
          path: path, reason: "it contains something other than a report ('\(other)'); give another folder by --output")
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

import Documents
import Files
import Foundation
import Processes

/// The git repository around a folder, independent of the user's git configuration and of git's environment
/// variables.
public struct Checkout: Sendable {
  /// The commit; nil if there is no repository or no commit.
  public let commit: String?
  /// A digest of all changes since the commit, in tracked files and untracked manifests; nil if there are none.
  public let changes: String?
  /// A sentence about why the commit or the changes are unknown; nil if they are known.
  public let trouble: String?

  /// Reads the state of the repository around a folder of manifests.
  public init(around folder: String) {
    commit = Self.commit(of: folder)
    guard let commit else {
      changes = nil
      trouble = Self.trouble(in: folder)
      return
    }
    do {
      changes = try Self.digest(of: folder)
      trouble = nil
    } catch {
      changes = "unknown"
      trouble =
        "\(folder): the changes since the commit \(commit.prefix(12)) are not recorded, since 'git status' failed"
    }
  }

  /// Returns the commit of the repository around a folder, or nil if there is none.
  public static func commit(of folder: String) -> String? { line(head, in: folder) }

  /// The name of the user according to git, or else to the system.
  public static var person: String {
    line(["config", "user.name"], in: ".").flatMap { $0.isEmpty ? nil : $0 } ?? NSUserName()
  }

  private struct Failed: Error {}

  /// Returns a digest of the paths and contents of all changes.
  private static func digest(of folder: String) throws -> String? {
    func status(_ options: [String], in place: String) throws -> [Substring] {
      let command = ["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=dirty"] + options
      guard let output = git(command, in: place), output.succeeded else { throw Failed() }
      return output.text.split(separator: "\0")
    }
    guard let root = line(["rev-parse", "--show-toplevel"], in: folder) else { throw Failed() }
    let tracked = try status(["--untracked-files=no"], in: folder)
    let untracked = try status(["--untracked-files=all", "--", ":(glob)*/manifest.yaml"], in: folder).filter {
      $0.hasPrefix("?? ")
    }
    let paths = Set((tracked + untracked).map { String($0.dropFirst(3)) }).sorted()
    if paths.isEmpty { return nil }
    return SHA256.hex(of: paths.map { "\($0)\0\(content(of: "\(root)/\($0)"))\0" }.joined())
  }

  /// Describes the content of a path in a few words.
  private static func content(of path: String) -> String {
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) { return "link to \(target)" }
    let isExecutable = FileManager.default.isExecutableFile(atPath: path)
    return (SHA256.hex(ofFile: path) ?? "none") + (isExecutable ? " executable" : "")
  }

  /// Returns why git cannot answer; nil if there is simply no folder, repository, or commit.
  private static func trouble(in folder: String) -> String? {
    guard let output = git(head, in: folder, streams: .errors) else { return nil }
    if output.isTimedOut {
      return "\(folder): the commit is not recorded, since git did not answer within \(Int(patience)) s"
    }
    let fatal = output.text.split(separator: "\n").first { $0.hasPrefix("fatal: ") }?.dropFirst(7)
    guard let fatal, !["not a git repository", "cannot change to"].contains(where: fatal.hasPrefix) else { return nil }
    return "\(folder): the commit is not recorded, since git says: \(fatal)"
  }

  private static let head = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
  private static let patience = 60.0

  /// Returns what git prints, without the final newline; nil if git fails.
  private static func line(_ arguments: [String], in folder: String) -> String? {
    guard let output = git(arguments, in: folder), output.succeeded else { return nil }
    return output.text.hasSuffix("\n") ? String(output.text.dropLast()) : output.text
  }

  /// Runs git in a folder; nil if git cannot be started.
  private static func git(_ arguments: [String], in folder: String, streams: ProgramOutput.Streams = .output)
    -> ProgramOutput?
  {
    // The user's file watcher and ignore list must not influence the result.
    let settings = [
      "core.fsmonitor=false", "core.excludesFile=", "core.quotePath=false", "color.ui=false", "core.trustctime=true",
      "core.checkStat=default", "core.untrackedCache=false",
    ]
    let command = ["git", "--no-pager", "-C", folder] + settings.flatMap { ["-c", $0] } + arguments
    return try? ProgramOutput(of: command, streams: streams, environment: environment, seconds: patience)
  }

  /// The environment without variables that redirect git to another repository.
  ///
  /// The configuration files stay, since they say which folders are trusted.
  private static let environment: [String: String?] = {
    let kept = [
      "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_",
      "GIT_CONFIG_VALUE_",
    ]
    let own = ProcessInfo.processInfo.environment.keys.filter { name in
      name.hasPrefix("GIT_") && !kept.contains { name.hasPrefix($0) }
    }
    return Dictionary(uniqueKeysWithValues: own.map { ($0, nil) }).merging(["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"]) {
      $1
    }
  }()
}

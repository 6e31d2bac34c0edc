import Documents
import Files
import Foundation
import Processes

/// The local copies of catalogued files, under `data/cache/set/path`; every copy was verified when it arrived.
public struct SourceCache: Sendable {
  /// The folder of the copies.
  public let folder: String

  /// Creates a cache in a folder, which need not exist yet.
  public init(folder: String) { self.folder = folder }

  /// The state of a local copy.
  public enum State: Sendable, Equatable {
    /// There is no copy.
    case absent
    /// The size is right; the digest was not computed.
    case present
    /// Size and digest are right.
    case verified
    /// The content differs from the catalogue's.
    case differs(found: String)
  }

  /// The path of a file's local copy.
  public func path(of file: SourceFile) -> String { "\(folder)/\(file.name)" }

  /// Compares the local copy of a file with the catalogue.
  public func state(of file: SourceFile, computingDigest: Bool) -> State {
    let path = path(of: file)
    guard let size = Self.size(of: path) else { return .absent }
    if size != file.bytes { return .differs(found: "\(size) bytes instead of \(file.bytes)") }
    guard computingDigest else { return .present }
    let digest = SHA256.hex(ofFile: path) ?? "unreadable"
    return digest == file.sha256
      ? .verified : .differs(found: "SHA-256 \(digest.prefix(12))… instead of \(file.sha256.prefix(12))…")
  }

  /// Ensures a verified local copy of a file, from the mirror folder if one is given and otherwise from its public
  /// source.
  ///
  /// A download grows in a file `….part` beside the copy, so that it can be resumed and is never mistaken for the
  /// whole.
  ///
  /// - Parameters:
  ///   - file: the catalogued file.
  ///   - mirror: a folder with copies of the files under `set/path`.
  /// - Returns: Whether the file had to be fetched.
  /// - Throws: `DataError` if the file cannot be had or is not what the catalogue says.
  @discardableResult
  public func fetch(_ file: SourceFile, mirror: String? = nil) throws(DataError) -> Bool {
    if state(of: file, computingDigest: true) == .verified { return false }
    let path = path(of: file)
    let part = path + ".part"
    do {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    } catch {
      throw DataError(.unwritable, path: path, problem: "its folder cannot be created")
    }
    // Another process may be fetching the same file; wait for it and use its copy.
    let lock: FileLock
    do {
      lock = try FileLock(path: path + ".lock")
    } catch {
      throw DataError(.unwritable, path: path, problem: "cannot be locked: \(error.reason)")
    }
    defer { withExtendedLifetime(lock) {} }
    if state(of: file, computingDigest: true) == .verified { return false }
    if let mirror {
      try copy(file, from: mirror, to: part)
    } else {
      try download(file, to: part)
    }
    guard rename(part, path) == 0 else { throw DataError(.unwritable, path: path, problem: "cannot be written") }
    return true
  }

  private func copy(_ file: SourceFile, from mirror: String, to part: String) throws(DataError) {
    let source = "\(mirror)/\(file.name)"
    guard FileManager.default.fileExists(atPath: source) else {
      throw DataError(path: source, problem: "there is no such file in the mirror folder")
    }
    unlink(part)
    do {
      // Copy the content, since a link would lead out of the cache.
      let content = URL(fileURLWithPath: source).resolvingSymlinksInPath().path
      if let obstacle = RegularFile.obstacle(to: content) { throw DataError(path: source, problem: obstacle) }
      try FileManager.default.copyItem(atPath: content, toPath: part)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.unwritable, path: part, problem: "cannot be copied from \(source)")
    }
    try verify(part, is: file, from: source)
  }

  private func download(_ file: SourceFile, to part: String) throws(DataError) {
    let url: String
    switch file.origin {
    case .url(let address): url = address
    case .derived(let recipe):
      throw DataError(
        path: file.name,
        problem:
          "is derived (\(recipe)), so it cannot be downloaded; give a mirror folder by --mirror or OTLAB_DATA_MIRROR")
    case .mirrorOnly:
      throw DataError(
        path: file.name, problem: "has no public source; give a mirror folder by --mirror or OTLAB_DATA_MIRROR")
    }
    let resumed = (Self.size(of: part) ?? 0) > 0
    if Self.size(of: part) != file.bytes { try curl(url, to: part, file: file) }
    do {
      try verify(part, is: file, from: url)
    } catch {
      // An interrupted attempt may have been of another version: start once more from the beginning.
      guard resumed else { throw error }
      try curl(url, to: part, file: file)
      try verify(part, is: file, from: url)
    }
  }

  private func curl(_ url: String, to part: String, file: SourceFile) throws(DataError) {
    let output: ProgramOutput
    do {
      output = try ProgramOutput(
        of: [
          // This option must come first; it ignores the user's ~/.curlrc.
          "curl", "--disable", "--fail", "--location", "--silent", "--show-error", "--retry", "2", "--connect-timeout",
          "20",
          "--speed-time", "60", "--speed-limit", "1", "--proto", "=http,https", "--proto-redir", "=http,https",
          "--globoff",
          "--continue-at", "-", "--max-filesize", "\(max(file.bytes, 1))", "--output", part, "--url", url,
        ], streams: .errors)
    } catch {
      throw DataError(path: file.name, problem: "cannot be downloaded, since curl cannot be started (\(error.reason))")
    }
    guard output.succeeded else {
      let reason =
        output.text.split(separator: "\n").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "curl failed"
      throw DataError(
        path: file.name,
        problem:
          """
          cannot be downloaded from \(url) (\(reason)); try again later, or give a mirror folder by --mirror or \
          OTLAB_DATA_MIRROR
          """
      )
    }
  }

  /// Deletes a file and throws an error if it is not what the catalogue says.
  private func verify(_ part: String, is file: SourceFile, from source: String) throws(DataError) {
    let digest = SHA256.hex(ofFile: part) ?? "unreadable"
    guard digest != file.sha256 else { return }
    let size = Self.size(of: part) ?? 0
    unlink(part)
    throw DataError(
      path: source,
      problem:
        """
        is not the file that the catalogue lists as \(file.name): its SHA-256 is \(digest) (\(size) bytes), but \
        \(file.sha256) (\(file.bytes) bytes) was expected
        """
    )
  }

  private static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }
}

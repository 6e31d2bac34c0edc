import Foundation

/// A folder for one test, which is removed with the value.
public final class TemporaryFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Creates the folder.
  public init() {
    path = NSTemporaryDirectory() + "otlab-test-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, creates its folders, and returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) -> String {
    let file = "\(path)/\(name)"
    try? FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: file, contents: Data(bytes))
    return file
  }

  /// Writes a text file, creates its folders, and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) -> String { write(Array(text.utf8), to: name) }

  /// Returns whether a file or folder with this name exists.
  public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

/// The package's folder, found from the place of this file.
public let packageFolder: String = {
  var url = URL(fileURLWithPath: #filePath)
  for _ in 0..<3 { url.deleteLastPathComponent() }
  return url.path
}()

/// A local mirror of the public data; nil if OTLAB_DATA_MIRROR is not set.
public let dataMirror: String? = ProcessInfo.processInfo.environment["OTLAB_DATA_MIRROR"].flatMap {
  $0.isEmpty ? nil : $0
}

/// Returns whether a test on real data can run, and says so in the test log.
public func hasRealData(_ test: String) -> Bool {
  print(dataMirror == nil ? "real data: not run: \(test) (OTLAB_DATA_MIRROR is not set)" : "real data: ran: \(test)")
  return dataMirror != nil
}

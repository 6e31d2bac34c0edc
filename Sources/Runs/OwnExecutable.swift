import Foundation

/// The program that runs, which need no longer be the one that lies under its name: a build may have replaced it.
public enum OwnExecutable {
  /// Opens and starts the very program that runs, whatever has become of its name.
  public static let path = FileManager.default.isReadableFile(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]

  /// Where it lay when it was started.
  public static var name: String { (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? path }
}

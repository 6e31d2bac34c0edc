import Foundation

/// The running program, which may differ from the file under its name after a build.
public enum OwnExecutable {
  /// A path that always opens and starts the running program.
  public static let path =
    FileManager.default.isReadableFile(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]

  /// The path of the program when it was started.
  public static var name: String { (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? path }
}

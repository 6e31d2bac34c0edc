import Foundation

/// Writes a list of types that the build has found in a folder: `registrar OUTPUT LIST PROTOCOL TYPE…`.
@main
struct Registrar {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count > 2 else { exit(64) }
    let types = arguments[3...].map { "  \($0).self,\n" }.joined()
    let text = "// Written by the build: one for each file that it has found.\nlet \(arguments[1]): [any \(arguments[2]).Type] = [\n\(types)]\n"
    try text.write(toFile: arguments[0], atomically: true, encoding: .utf8)
  }
}

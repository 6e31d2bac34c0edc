import Foundation

/// Writes a list of types that the build has found in a folder: `registrar OUTPUT LIST PROTOCOL MODULE TYPE…`, where
/// the module is imported.
@main
struct Registrar {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count > 3 else { exit(64) }
    let (list, type, module) = (arguments[1], arguments[2], arguments[3])
    let types = arguments[4...].map { "  \($0).self,\n" }.joined()
    let text =
      "// Written by the build: one for each file that it has found.\nimport \(module)\n\n"
      + "let \(list): [any \(type).Type] = [\n\(types)]\n"
    try text.write(toFile: arguments[0], atomically: true, encoding: .utf8)
  }
}

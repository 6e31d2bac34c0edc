import Foundation

/// Writes the list of experiment kinds, one for each folder that the build has found: `registrar OUTPUT NAME…`.
@main
struct Registrar {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let output = arguments.first else { exit(64) }
    let types = arguments.dropFirst().map { "  \($0)Experiment.self,\n" }.joined()
    let text =
      "// Written by the build: one kind for each folder.\nimport Pipeline\n\nlet registeredKinds: [any Experiment.Type] = [\n\(types)]\n"
    try text.write(toFile: output, atomically: true, encoding: .utf8)
  }
}

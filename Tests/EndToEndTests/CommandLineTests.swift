import Foundation
import TestSupport
import Testing

/// What a user asks of a command before anything runs.
@Suite struct CommandLineTests {
  /// The verbs that `otlab --help` lists, or those of a verb.
  private static func verbs(_ path: [String] = []) throws -> [[String]] {
    let help = try Command.run(path + ["--help"]).output
    guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else { return [] }
    var verbs: [[String]] = []
    for line in list.split(separator: "\n") where line.hasPrefix("  ") && !line.hasPrefix("   ") {
      guard let name = line.split(separator: " ").first.map(String.init), name != "See" else { continue }
      verbs.append(path + [name])
      verbs += try self.verbs(path + [name])
    }
    return verbs
  }

  @Test func everyVerbHasAnExample() throws {
    let verbs = try Self.verbs()
    #expect(verbs.count >= 22 && verbs.contains(["data", "inspect"]))
    for verb in verbs { #expect(try Command.run(verb + ["--help"]).output.contains("Example"), "\(verb)") }
  }

  /// Scripts that use the former name of a command go on working, and the help names only the present one.
  @Test func formerNameOfACommandWorks() throws {
    let help = try Command.run(["--help"]).output
    #expect(help.contains("  accept ") && !help.contains("bless"))
    #expect(try Command.run(["bless", "--help"]).output == Command.run(["accept", "--help"]).output)
    let (former, present) = (try Command.run(["bless", "no-such"]), try Command.run(["accept", "no-such"]))
    #expect(former.code == 65 && former.errors == present.errors)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreWritten(shell: String) throws {
    let script = try Command.run(["--generate-completion-script", shell])
    #expect(script.code == 0 && script.output.contains("otlab") && script.output.contains("report"))
  }

  /// As bash asks for them when the tabulator key is pressed.
  @Test(arguments: [
    ("otlab run digit", "digit-barycenters"), ("otlab init x --kind image-b", "image-barycenter"),
    ("otlab solve tree-", "tree-gw"),
    ("otlab rep", "report"),
  ])
  func bashCompletes(line: String, to expected: String) throws {
    let folder = TemporaryFolder()
    folder.write(try Command.run(["--generate-completion-script", "bash"]).output, to: "otlab.bash")
    let program = """
      PATH='\((Command.path as NSString).deletingLastPathComponent)':$PATH
      source '\(folder.path)/otlab.bash'
      set -- \(line)
      COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _otlab otlab "${@: -1}" "${@: -2:1}"
      echo "${COMPREPLY[@]}" > '\(folder.path)/reply'
      """
    let bash = Process()
    bash.executableURL = URL(fileURLWithPath: "/bin/bash")
    bash.arguments = ["-c", program]
    bash.currentDirectoryURL = URL(fileURLWithPath: packageFolder)
    try bash.run()
    bash.waitUntilExit()
    let reply = try String(contentsOfFile: folder.path + "/reply", encoding: .utf8)
    #expect(reply.split(separator: "\n").joined().split(separator: " ") == [Substring(expected)])
  }

  /// OpenBLAS knows no CPU that is younger than itself; who asks for kernels gets them.
  @Test func vectorInstructionsOfTheProcessorAreUsed() throws {
    let doctor = try Command.shell("env -u OPENBLAS_CORETYPE \"$OTLAB\" doctor")
    #expect(doctor.code == 0 && doctor.output.contains("BLAS       OpenBLAS"))
    let hasAVX = doctor.output.contains("x86-64-v3") || doctor.output.contains("x86-64-v4")
    #expect(!(hasAVX && doctor.output.contains("(Prescott)")), "\(doctor.output)")
    #expect(try Command.run(["doctor"], environment: ["OPENBLAS_CORETYPE": "Prescott"]).output.contains("(Prescott)"))
  }
}

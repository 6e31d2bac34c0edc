import ArgumentParser
import Foundation
import LinearAlgebra
import Runs

@main
struct Otlab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "otlab",
    abstract: "Re-runs the experiments of the optimal-transport literature from declarative manifests.",
    discussion: """
      Results go to standard output, everything else to standard error. Exit codes: 0 done; 1 a run failed or did not converge where it \
      must; 2 a metric moved; 3 could not compare; 64 bad command line; 65 manifest or data invalid; 66 input file missing, unreadable or \
      its hash differs; 70 our own fault; 73 cannot write; 130 interrupted.
      """,
    version: "otlab 0.1.0",
    subcommands: [
      List.self, Show.self, Check.self, Plan.self, Run.self, Status.self, Logs.self, Rerun.self, Compare.self, Bless.self,
      TableCommand.self,
      FigureCommand.self, ReportCommand.self, Clean.self, Init.self, SchemaCommand.self, Solve.self, Align.self, DataCommand.self,
      Doctor.self, Execute.self,
    ])

  static func main() {
    endWithoutAddressSpace()
    askForBLASKernel()
    watchOutput()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      guard let failure = Failure(error) else { exit(withError: error) }
      printError("error: \(failure.sentence)")
      Foundation.exit(failure.exitCode)
    }
  }

  /// At once and without the usual end, for which OpenBLAS's threads would have to come to theirs.
  private static func endWithoutAddressSpace() {
    do { try AddressSpace.requireForLibrary() } catch {
      printError("error: \(error)")
      _exit(Exit.failed)
    }
  }

  /// OpenBLAS chooses once, when it is loaded: with a better choice the program begins anew, as the same process.
  private static func askForBLASKernel() {
    guard let kernel = Processor.missedBLASKernel else { return }
    setenv("OPENBLAS_CORETYPE", kernel, 1)
    // Returns only where it fails, and then all is as correct, but slow.
    execv(OwnExecutable.path, CommandLine.unsafeArgv)
  }
}

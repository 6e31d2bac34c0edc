import ArgumentParser
import Foundation
import LinearAlgebra
import Runs

@main
struct Otlab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "otlab",
    abstract: "Optimal transport solvers for your own data, and reproducible experiments from the literature.",
    discussion: """
      An experiment is a folder with a manifest. It has two tiers: smoke (small generated data, seconds) and paper \
      (the paper's sizes, real data). A tier has rows, one for each case of the manifest and each value of a sweep. A \
      run is one computation of a row with one seed; its key is a digest of everything that determines the result. A \
      baseline holds the accepted metrics of each row.

      Results go to standard output, everything else to standard error. Exit codes: 0 success; 1 a run failed or did \
      not converge although it must; 2 a metric is out of tolerance; 3 nothing to compare with; 64 bad command line; \
      65 invalid manifest or data; 66 input file missing, unreadable, or changed; 70 internal error; 73 cannot write; \
      130 interrupted.
      """,
    version: "otlab 0.1.0",
    subcommands: [
      List.self, Show.self, Check.self, Plan.self, Run.self, Status.self, Logs.self, Rerun.self, Compare.self,
      Accept.self,
      TableCommand.self, FigureCommand.self, ReportCommand.self, Clean.self, Init.self, SchemaCommand.self, Solve.self,
      Align.self,
      DataCommand.self,
      Doctor.self, Execute.self,
    ])

  static func main() {
    endWithoutAddressSpace()
    askForBLASKernel()
    watchOutput()
    do {
      var command = try parseAsRoot(currentNames(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      guard let failure = Failure(error) else { exit(withError: error) }
      printError("error: \(failure.sentence)")
      Foundation.exit(failure.exitCode)
    }
  }

  /// Replaces the former name of a command, `bless`, by its present one, `accept`.
  static func currentNames(_ arguments: [String]) -> [String] {
    let place = arguments.first == "help" ? 1 : 0
    guard arguments.count > place, arguments[place] == "bless" else { return arguments }
    var renamed = arguments
    renamed[place] = "accept"
    return renamed
  }

  /// Ends the process if the address space is too small, without the usual cleanup, which would wait for OpenBLAS.
  private static func endWithoutAddressSpace() {
    do { try AddressSpace.requireForLibrary() } catch {
      printError("error: \(error)")
      _exit(Exit.failed)
    }
  }

  /// Restarts the process if OpenBLAS, which chooses a kernel when it is loaded, has missed a faster one.
  private static func askForBLASKernel() {
    guard let kernel = Processor.missedBLASKernel else { return }
    setenv("OPENBLAS_CORETYPE", kernel, 1)
    // execv returns only if it fails; then all results are still correct, but slower.
    execv(OwnExecutable.path, CommandLine.unsafeArgv)
  }
}

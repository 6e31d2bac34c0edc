import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import Runs

extension WorkspaceOptions {
  /// Collects what every record says about this process.
  private func provenance() throws -> Provenance {
    var libraries = LibraryVersions.all
    libraries["blas"] = Processor.blasDescription
    libraries["gnuplot"] = try FigureRenderer.version() ?? "missing"
    let checkout = Checkout(around: experiments)
    if let trouble = checkout.trouble { printError("note: \(trouble)") }
    return Provenance(commandLine: CommandLine.arguments, checkout: checkout, libraries: libraries)
  }

  /// The digest of the running program.
  var executableDigest: String {
    store.digests.digest(of: OwnExecutable.path, rememberedAs: OwnExecutable.name) ?? "unknown"
  }

  /// Creates a schedule whose runs are children of this process.
  func schedule(in store: RunStore, options: RunSchedule.Options = .init()) throws -> RunSchedule {
    RunSchedule(
      store: store, provenance: try provenance(), executableDigest: executableDigest,
      command: [OwnExecutable.path, "execute"],
      options: options)
  }
}

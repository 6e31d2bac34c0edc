import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import Runs

extension WorkspaceOptions {
  /// What is noted of this process in every record.
  private func provenance() -> Value {
    var libraries = LibraryVersions.all
    libraries["blas"] = Processor.blasDescription
    libraries["gnuplot"] = FigureRenderer.version ?? "missing"
    return Provenance.collect(
      commandLine: CommandLine.arguments, manifestsIn: experiments, libraries: libraries)
  }

  /// The digest of the running binary.
  var executableDigest: String { store.digests.digest(of: OwnExecutable.path, rememberedAs: OwnExecutable.name) ?? "unknown" }

  /// Carries out runs as children of this process.
  func schedule(in store: RunStore, options: RunSchedule.Options = .init()) -> RunSchedule {
    RunSchedule(
      store: store, provenance: provenance(), executableDigest: executableDigest, command: [OwnExecutable.path, "execute"],
      options: options)
  }
}

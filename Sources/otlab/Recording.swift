import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import Runs

extension WorkspaceOptions {
  /// What is noted of this process in every record.
  func provenance() -> Value {
    var libraries = LibraryVersions.all
    libraries["blas"] = Threads.blasDescription
    libraries["gnuplot"] = FigureRenderer.version ?? "missing"
    return Provenance.collect(
      commandLine: CommandLine.arguments, manifestsIn: experiments, digests: store.digests, libraries: libraries)
  }
}

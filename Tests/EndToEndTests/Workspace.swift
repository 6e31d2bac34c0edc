import Datasets
import Foundation
import LinearAlgebra
import TestSupport

/// A folder as a user of otlab has it: an experiment `cells` on two small files of his own.
struct Workspace {
  let folder = TemporaryFolder()

  init(cells: Int = 60, manifest edit: (String) -> String = { $0 }) throws {
    let tree = BranchingTree(cells: cells, noise: 0.05, seed: 4)
    try HDF5.write([("x", NumericArray(tree.first)), ("y", NumericArray(tree.second))], to: folder.path + "/cells.h5")
    folder.write(tree.labels.map { "\($0)\n" }.joined(), to: "labels.txt")
    folder.write(edit(Self.manifest), to: "experiments/cells/manifest.yaml")
    folder.write("schema: 1\nsets: {}\n", to: "data/sources.yaml")
  }

  static let manifest = """
    schema: 1
    name: cells
    title: Cells of a test
    kind: modality-alignment
    seed: 5
    data:
      first: {file: cells.h5, dataset: x}
      second: {file: cells.h5, dataset: y}
      firstLabels: {file: labels.txt}
      secondLabels: {file: labels.txt}
    params: {graph: {neighbors: 6, metric: euclidean}}
    solver: {gradientEpsilon: 1.0e-3}
    metrics:
      foscttm: {better: lower, tolerance: {absolute: 1.0e-6}}
      converged: {require: true}
    tables:
      - {name: scores, title: Scores, columns: [{row: case}, {metric: foscttm, digits: 4}, {metric: status}]}

    """

  var path: String { folder.path }

  func run(_ arguments: String...) throws -> Command.Result { try Command.run(arguments, in: path) }

  /// The run directories of the experiment.
  var runs: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/results/cells/runs")) ?? []).map { path + "/results/cells/runs/" + $0 }
  }

  /// What is being built, locks included.
  var staged: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/results/.staging")) ?? []).filter { !$0.hasPrefix(".") }
  }
}

extension Command.Result {
  /// The error sentences alone.
  var sentences: [String] { errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }.map(String.init) }
}

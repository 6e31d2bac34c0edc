import Datasets
import Foundation
import LinearAlgebra
import TestSupport

/// A folder as a user of otlab has it: an experiment `cells` on two small files of his own.
struct Workspace {
  let folder = TemporaryFolder()

  init(cells: Int = 60, manifest edit: (String) -> String = { $0 }) throws {
    let tree = TwoViews(.branchingTree, cells: cells, noise: 0.05, seed: 4)
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
    solver: {epsilon: 5.0e-4}
    metrics:
      foscttm: {better: lower, tolerance: {absolute: 1.0e-6}}
      converged: {require: true}
    tables:
      - {name: scores, title: Scores, columns: [{row: case}, {metric: foscttm, digits: 4}, {metric: status}]}

    """

  /// An empty workspace with a sweep of quick runs in `experiments/sweep`: as many rows as there are numbers of
  /// samples.
  init(sweepOver samples: String, repeat repetitions: Int = 1, manifest edit: (String) -> String = { $0 }) {
    let manifest = """
      schema: 1
      name: sweep
      title: A sweep of a test
      kind: gaussian-transport
      seed: 3
      repeat: \(repetitions)
      solver: {epsilon: 0.5}
      sweep: {product: {data.samples: \(samples)}}
      metrics: {value: {tolerance: {relative: 1.0e-9}}, converged: {require: true}, seconds: {gate: false}}
      tables: [{name: t, title: T, columns: [{row: data.samples}, {metric: value, digits: 3}, {metric: status}]}]
      figures: [{name: f, title: F, x: data.samples, y: error}]

      """
    folder.write(edit(manifest), to: "experiments/sweep/manifest.yaml")
    folder.write("schema: 1\nsets: {}\n", to: "data/sources.yaml")
  }

  var path: String { folder.path }

  func run(_ arguments: String...) throws -> Command.Result { try Command.run(arguments, in: path) }

  /// The run directories of the experiment.
  var runs: [String] { runs(of: "cells") }

  func runs(of experiment: String) -> [String] {
    let folder = path + "/results/\(experiment)/runs"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
  }

  /// What is being built, locks included.
  var staged: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/results/.staging")) ?? []).filter {
      !$0.hasPrefix(".")
    }
  }
}

extension Command.Running {
  /// The processes of its runs that are at work, once there are any; not git or gnuplot, which are its children too.
  func children(atLeast count: Int = 1, seconds: Double = 60) -> [Int32] {
    let parent = process.processIdentifier
    let deadline = Date().addingTimeInterval(seconds)
    while process.isRunning, Date() < deadline {
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
      let children = processes.filter { process in
        let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 1, Int32(fields[1]) == parent else { return false }
        let command =
          FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map { String(decoding: $0, as: UTF8.self) }
          ?? ""
        return command.contains("\0execute\0")
      }
      if children.count >= count { return children }
      usleep(5000)
    }
    return []
  }
}

/// Whether a process is there and has not ended; who has ended may wait for his parent as a zombie.
func isAtWork(_ process: Int32) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
  return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

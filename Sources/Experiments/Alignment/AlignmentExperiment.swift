import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport

/// Two measurements of the same cells, aligned without knowing which rows belong together, and scored with that knowledge.
///
/// The rows of the second modality are put into a random order before the method sees them and are put back for the scores, so that nothing
/// (ties included) can leak the pairing.
public struct AlignmentExperiment: Experiment {
  public static let kind = "modality-alignment"
  public static let revision = 1
  public static let summary = "Aligns two measurements of the same cells without correspondences, and scores the alignment with them."
  public static let metrics: KeyValuePairs = [
    "foscttm": "fraction of samples closer than the true match, both directions, ties ½",
    "foscttmStrict": "the same, one direction, ties free",
    "foscttmBackward": "foscttm of the second modality carried to the first", "ties": "pairs at equal distance, counted by foscttm",
    "accuracy": "5-nearest-neighbour transfer of labels, first to second modality", "accuracyBackward": "the same, second to first",
    "spread": "spread of the projected cells against that of their targets; near 0 says collapse",
    "gwSquared": "Gromov–Wasserstein objective of the plan without entropy", "objective": "what the iteration descends",
    "marginalError": "L1 distance of the plan's marginals from the prescribed ones", "iterations": "outer steps",
    "innerIterations": "Sinkhorn iterations over all steps",
  ]
  public static let example = """
    data:
      generator: {name: branching-tree, cells: 200, noise: 0.05}   # two views of a tree with three arms
      labelNames: [trunk, arm A, arm B, arm C]
      # Your own cells instead of a generator:
      # first: {file: cells.h5, dataset: atac}        # cells × features; row i of both files is the same cell
      # second: {file: cells.h5, dataset: rna}
      # firstLabels: {file: types.txt}                # one whole number a cell, for the scores and colours
      # secondLabels: {file: types.txt}
      # modalityNames: [ATAC, RNA]
    params:
      normalization: l2
      graph: {neighbors: 12, metric: correlation, edges: connectivity, countSelf: true, unreachable: largest-finite}
    solver:
      name: scot
      gradientEpsilon: 2.0e-3                         # SCOT's and POT's ε, twice ours
    """

  let data: AlignmentData
  let normalization: RowNormalization
  let method: SCOT
  let seed: Int

  public init(_ body: CaseBody) throws(DocumentError) {
    data = try AlignmentData(body.data)
    normalization = try body.params.choice(
      "normalization", default: RowNormalization.none, about: "what is done to each row of features first")
    method = try SCOT(params: body.params, solver: body.solver)
    seed = body.seed
  }

  public var inputs: [InputReference] { data.inputs }

  public func run(_ context: RunContext) throws -> RunResult {
    let pair = try data.load(context, seed: seed)
    let first = try normalization.apply(to: pair.first, name: pair.firstName)
    let second = try normalization.apply(to: pair.second, name: pair.secondName)
    context.report("\(first.rows) cells, \(first.columns) and \(second.columns) features")

    var random = SeededGenerator(seed: UInt64(seed), stream: "row-order")
    let order = random.permutation(second.rows)
    let start = Date()
    let solution = try method.align(
      .init(features: first, name: pair.firstName, originalRows: Array(0..<first.rows)),
      .init(features: second.selectingRows(order), name: pair.secondName, originalRows: order), report: context.report)
    let seconds = Date().timeIntervalSince(start)
    let coupling = Coupling(
      plan: Self.restoringColumns(solution.coupling.plan, order: order), source: solution.coupling.source,
      target: Self.restoring(solution.coupling.target, order: order))

    let scores = AlignmentScores(coupling: coupling, first: first, second: second, pair: pair)
    context.report(
      "\(solution.status) after \(solution.iterations) steps; FOSCTTM \(rounded(scores.forward.twoSided)), accuracy \(rounded(scores.forwardAccuracy))"
    )
    var metrics = scores.metrics
    metrics["gwSquared"] = .number(solution.value)
    metrics["objective"] = .number(solution.regularizedValue)
    metrics["marginalError"] = .number(coupling.marginalError)
    metrics["iterations"] = .integer(solution.iterations)
    metrics["innerIterations"] = .integer(solution.innerIterations)
    metrics["seconds"] = .number(seconds)
    let arrays = AlignmentArrays(pair: pair, first: first, second: second, coupling: coupling, scores: scores, trace: solution.trace)
    return RunResult(status: solution.status, metrics: metrics, trace: solution.trace, arrays: arrays.named)
  }

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try AlignmentFigures(arrays: AlignmentArrays(arrays), labelNames: data.labelNames, modalities: data.modalityNames).all
  }

  /// Puts column k back to where row order[k] came from.
  private static func restoringColumns(_ plan: Matrix, order: [Int]) -> Matrix {
    var result = plan
    for i in 0..<plan.rows { for (k, original) in order.enumerated() { result[i, original] = plan[i, k] } }
    return result
  }

  private static func restoring(_ values: [Double], order: [Int]) -> [Double] {
    var result = values
    for (k, original) in order.enumerated() { result[original] = values[k] }
    return result
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}

/// What is done to each row of features first.
enum RowNormalization: String, CaseIterable, Sendable {
  case none
  /// To unit Euclidean length, as SCOT does.
  case l2

  func apply(to features: Matrix, name: String) throws -> Matrix {
    guard self == .l2 else { return features }
    var result = features
    for i in 0..<features.rows {
      let norm = features[row: i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm == 0 { throw ExperimentError(description: "\(name): row \(i) is zero, so that it cannot be scaled to unit length") }
      for k in 0..<features.columns { result[i, k] /= norm }
    }
    return result
  }
}

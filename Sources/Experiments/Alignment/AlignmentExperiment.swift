import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Support

/// Two measurements of the same cells, aligned without knowing which rows belong together, and scored with that knowledge.
///
/// The rows of the second modality, or of both, are put into a random order before the method sees them and are put back for the scores, so that
/// nothing (ties included) can leak the pairing.
public struct AlignmentExperiment: Experiment {
  public static let kind = "modality-alignment"
  public static let revision = 2
  public static let summary = "Aligns two measurements of the same cells without correspondences, and scores the alignment with them."
  public static let metrics: Glossary = [
    "foscttm": "fraction of samples closer than the true match, both directions, ties ½; mean over the splits",
    "accuracy": "5-nearest-neighbour transfer of labels, first to second modality",
    "foscttmDeviation": "standard deviation over the splits",
    "accuracyDeviation": "standard deviation over the splits", "foscttmStrict": "foscttm in one direction, ties free",
    "foscttmBackward": "foscttm of the second modality carried to the first", "ties": "pairs at equal distance, counted by foscttm",
    "accuracyBackward": "accuracy, second to first",
    "spread": "spread of the projected cells against that of their targets; near 0 says collapse",
    "blindFoscttm": "foscttm of the candidate with the lowest objective, chosen without any pair",
    "blindFoscttmDeviation": "over the splits", "blindAccuracy": "accuracy of that candidate", "blindAccuracyDeviation": "over the splits",
    "blindSpread": "spread of that candidate", "objective": "of the shown candidate, what the method sees without pairs",
    "candidates": "settings and starts that were tried, all of the grid", "unconverged": "candidates that met their limit of steps",
    "choices": "different candidates chosen over the splits", "basins": "groups of plans that share three quarters of their mass",
    "nearBest": "candidates whose foscttm on all rows is within 0.02 of the best tried",
    "bestFoscttm": "lowest foscttm of any candidate on all rows, which nobody could choose", "worstFoscttm": "the highest",
    "marginalError": "L1 distance of the shown plan's marginals from the prescribed ones", "iterations": "of the shown candidate",
    "searchSeconds": "processor seconds of all candidates",
    "blindAccuracyBackward": "accuracy of the candidate of the lowest objective, second to first",
    "blindFoscttmBackward": "its foscttm, second carried to first",
    "rightBasin": "1 when its foscttm on all rows lies below params.rightBelow, else 0; none without that limit",
    "margin": "how far the next basin's objective lies behind, where the method says so; random pairing's where there is no other",
    "stability": "share of bootstrap draws that keep the choice, where the method says so",
    "symmetry": "score of a modality's best map onto itself other than the identity, where the method looks for one; 0 for none",
    "warnings": "what the method itself says against its choice, in number",
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
      # validation: {fraction: 0.1, splits: 20}       # lets a tenth of the pairs choose among settings; none are used without it
    solver:
      name: scot                                      # or ew, jmds, unioncom, multiview; lists of settings are tried in every combination
      epsilon: [1.0e-3, 2.5e-3]                       # half of SCOT's and POT's ε
    """

  let data: AlignmentData
  let normalization: RowNormalization
  let validation: Validation
  let shuffled: Shuffled
  /// The FOSCTTM below which an alignment counts as of the right basin.
  let rightBelow: Double?
  let method: any AlignmentMethod
  let seed: Int

  private enum Name: String, CaseIterable { case scot, ew, jmds, unioncom, multiview }

  public init(_ body: CaseBody) throws(DocumentError) {
    data = try AlignmentData(body.data)
    normalization = try body.params.choice(
      "normalization", default: RowNormalization.none, about: "what is done to each row of features first")
    validation = try Validation(body.params)
    // Without a recorded default, so that runs from before this key keep theirs.
    shuffled =
      try body.params.optionalChoice("shuffle", about: "which modality's rows are put in a random order first: the second's, without it")
      ?? .second
    rightBelow = try body.params.optionalPositiveNumber(
      "rightBelow", about: "the foscttm below which an alignment counts as of the right basin")
    let name: Name = try body.solver.choice("name", default: .scot, about: "the method")
    method =
      switch name {
      case .scot: try SCOT(distances: GraphDistances(body.params), solver: body.solver)
      case .ew: try EmbeddingAlignment(distances: GraphDistances(body.params), solver: body.solver)
      case .jmds: try ScalingAlignment(distances: GraphDistances(body.params), solver: body.solver)
      case .unioncom: try UnionComAlignment(solver: body.solver)
      case .multiview: try MultiViewMethod(solver: body.solver)
      }
    seed = body.seed
  }

  public var inputs: [InputReference] { data.inputs }

  public func run(_ context: RunContext) throws -> RunResult {
    let pair = try data.load(context, seed: seed)
    let cells = pair.first.rows
    try ExperimentError.requireMemory(matrices: method.matrices, rows: cells, columns: cells, for: "an alignment of \(cells) cells")
    let first = try normalization.apply(to: pair.first, name: pair.firstName)
    let second = try normalization.apply(to: pair.second, name: pair.secondName)
    context.report("\(first.rows) cells, \(first.columns) and \(second.columns) features; \(method.candidates) candidates")

    let orders = shuffled.orders(rows: first.rows, seed: seed, context.relabeling)
    let search = AlignmentSearch(
      pair, first: first, second: second, orders: orders, splits: validation.splits(rows: first.rows, seed: seed))
    try method.align(
      Modality(features: first.selectingRows(orders.first), name: pair.firstName, originalRows: orders.first),
      Modality(features: second.selectingRows(orders.second), name: pair.secondName, originalRows: orders.second), seed: seed,
      report: context.report
    ) { answer in
      let candidate = search.consider(answer)
      context.report(
        "\(search.candidates.count) of \(method.candidates): \(candidate.settings): \(candidate.status), objective \(candidate.objective.rounded(places: 4)), FOSCTTM \(candidate.foscttm.rounded(places: 4))"
      )
    }
    guard let shown = search.shown else { throw ExperimentError(description: "the method gave no answer") }
    return RunResult(
      status: shown.status, metrics: AlignmentSummary(search, shown, rightBelow: rightBelow).metrics, trace: shown.trace,
      arrays: AlignmentArrays(pair: pair, first: first, second: second, search: search, shown: shown).named)
  }

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try AlignmentFigures(arrays: AlignmentArrays(arrays), labelNames: data.labelNames, modalities: data.modalityNames).all
  }
}

/// Whose rows are put in a seeded random order before a method sees them, so that neither ties nor anything else can leak the pairing.
enum Shuffled: String, CaseIterable, Sendable {
  case second, both

  /// Row k as the method sees it is row `order[k]` of the data.
  func orders(rows: Int, seed: Int, _ relabeling: Relabeling) -> (first: [Int], second: [Int]) {
    var random = SeededGenerator(seed: UInt64(seed), stream: "row-order")
    let second = random.permutation(rows)
    let first = self == .both ? random.permutation(rows) : Array(0..<rows)
    return (relabeling.order(rows, "first").map { first[$0] }, relabeling.order(rows, "second").map { second[$0] })
  }
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

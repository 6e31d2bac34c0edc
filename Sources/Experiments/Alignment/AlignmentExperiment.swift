import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Support

/// Aligns two measurements of the same cells without using which rows belong together, and scores the alignment with
/// that knowledge.
///
/// The rows of the second modality, or of both, are shuffled before the method sees them and restored for the scores,
/// so that nothing (not even ties) can reveal the pairing.
struct AlignmentExperiment: Experiment {
  static let kind = "modality-alignment"
  static let revision = 2
  static let summary =
    "Aligns two measurements of the same cells without correspondences, and scores the alignment with them."
  static let metrics: Glossary = [
    "foscttm":
      "fraction of samples closer than the true match, mean of both directions and of the splits; ties count ½",
    "accuracy": "accuracy of 5-nearest-neighbor label transfer from the first to the second modality",
    "foscttmDeviation": "standard deviation of foscttm over the splits",
    "accuracyDeviation": "standard deviation of accuracy over the splits",
    "foscttmStrict": "foscttm in one direction; ties do not count",
    "foscttmBackward": "foscttm of the second modality in the space of the first",
    "ties": "number of pairs at equal distance that foscttm counts",
    "accuracyBackward": "accuracy of label transfer from the second to the first modality",
    "spread": "spread of the projected cells relative to that of their targets; a value near 0 indicates collapse",
    "blindFoscttm": "foscttm of the candidate with the lowest objective, which is chosen without any pair",
    "blindFoscttmDeviation": "standard deviation of blindFoscttm over the splits",
    "blindAccuracy": "accuracy of that candidate",
    "blindAccuracyDeviation": "standard deviation of blindAccuracy over the splits",
    "blindSpread": "spread of that candidate",
    "objective": "objective of the shown candidate, which the method knows without pairs",
    "candidates": "number of combinations of settings and starts that were tried",
    "unconverged": "number of candidates that reached the iteration limit",
    "choices": "number of different candidates chosen in the splits",
    "basins": "number of basins, groups of plans that share three quarters of their mass",
    "nearBest": "number of candidates whose foscttm on all rows is within 0.02 of the lowest",
    "bestFoscttm": "lowest foscttm of any candidate on all rows; choosing it would take all pairs",
    "worstFoscttm": "highest foscttm of any candidate on all rows",
    "marginalError": "L1 distance of the shown plan's marginals from the prescribed marginals",
    "iterations": "iterations of the shown candidate",
    "searchSeconds": "CPU seconds of all candidates",
    "blindAccuracyBackward": "accuracyBackward of the candidate with the lowest objective",
    "blindFoscttmBackward": "foscttmBackward of the candidate with the lowest objective",
    "rightBasin":
      "1 if foscttm of that candidate on all rows is below params.rightBelow, else 0; absent without that setting",
    "margin":
      """
    objective of the next basin less that of the best, if the method reports it; without another basin, that of a \
    random pairing counts
    """,
    "stability": "fraction of bootstrap draws that keep the choice, if the method reports it",
    "symmetry":
      "score of the best nontrivial map of a modality onto itself, if the method looks for one; 0 if there is none",
    "warnings": "number of warnings that the method gives about its choice",
  ]
  static let example = """
    data:
      generator: {name: branching-tree, cells: 200, noise: 0.05}   # two measurements of a tree with three arms
      labelNames: [trunk, arm A, arm B, arm C]
      # Your own cells instead of a generator:
      # first: {file: cells.h5, dataset: atac}        # cells × features; row i of both files is the same cell
      # second: {file: cells.h5, dataset: rna}
      # firstLabels: {file: types.txt}                # one whole number per cell, for scores and colors
      # secondLabels: {file: types.txt}
      # modalityNames: [ATAC, RNA]
    params:
      normalization: l2
      graph: {neighbors: 12, metric: correlation, edges: connectivity, countSelf: true, unreachable: largest-finite}
      # validation: {fraction: 0.1, splits: 20}       # chooses settings by a tenth of the pairs; otherwise no pairs \
      are used
    solver:
      name: scot                                      # or ew, jmds, unioncom, multiview; all combinations of listed \
      settings are tried
      epsilon: [1.0e-3, 2.5e-3]                       # half of SCOT's and POT's ε
    """

  let data: AlignmentData
  let normalization: RowNormalization
  let validation: Validation
  let shuffled: Shuffled
  /// The FOSCTTM below which an alignment counts as being in the right basin.
  let rightBelow: Double?
  let method: any AlignmentMethod
  let seed: Int

  private enum Name: String, CaseIterable { case scot, ew, jmds, unioncom, multiview }

  init(_ body: CaseBody) throws(DocumentError) {
    data = try AlignmentData(body.data)
    normalization = try body.params.choice(
      "normalization", default: RowNormalization.none, about: "the normalization of each row of features")
    validation = try Validation(body.params)
    // No default is recorded, so that runs from before this key keep their keys.
    shuffled =
      try body.params.optionalChoice(
        "shuffle", about: "the modalities whose rows are shuffled; only the second by default")
      ?? .second
    rightBelow = try body.params.optionalPositiveNumber(
      "rightBelow", about: "the FOSCTTM below which an alignment counts as being in the right basin")
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

  var inputs: [InputReference] { data.inputs }

  func run(_ context: RunContext) throws -> RunResult {
    let pair = try data.load(context, seed: seed)
    let cells = pair.first.rows
    try ExperimentError.requireMemory(
      matrices: method.matrices, rows: cells, columns: cells, for: "an alignment of \(cells) cells")
    let first = try normalization.apply(to: pair.first, name: pair.firstName)
    let second = try normalization.apply(to: pair.second, name: pair.secondName)
    context.report(
      "\(first.rows) cells, \(first.columns) and \(second.columns) features; \(method.candidates) candidates")

    let orders = shuffled.orders(rows: first.rows, seed: seed, context.relabeling)
    let search = AlignmentSearch(
      pair, first: first, second: second, orders: orders, splits: validation.splits(rows: first.rows, seed: seed))
    try method.align(
      Modality(features: first.selectingRows(orders.first), name: pair.firstName, originalRows: orders.first),
      Modality(features: second.selectingRows(orders.second), name: pair.secondName, originalRows: orders.second),
      seed: seed,
      report: context.report
    ) { answer in
      let candidate = search.consider(answer)
      context.report(
        """
        \(search.candidates.count) of \(method.candidates): \(candidate.settings): \(candidate.status), objective \
        \(candidate.objective.rounded(places: 4)), FOSCTTM \(candidate.foscttm.rounded(places: 4))
        """
      )
    }
    guard let shown = search.shown else { throw ExperimentError(description: "the method gave no answer") }
    return RunResult(
      status: shown.status, metrics: AlignmentSummary(search, shown, rightBelow: rightBelow).metrics,
      trace: shown.trace,
      arrays: AlignmentArrays(pair: pair, first: first, second: second, search: search, shown: shown).named)
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try AlignmentFigures(arrays: AlignmentArrays(arrays), labelNames: data.labelNames, modalities: data.modalityNames)
      .all
  }
}

/// The modalities whose rows are shuffled before a method sees them, so that neither ties nor anything else can
/// reveal the pairing.
enum Shuffled: String, CaseIterable, Sendable {
  case second, both

  /// The orders of both modalities: row k as the method sees it is row `order[k]` of the data.
  func orders(rows: Int, seed: Int, _ relabeling: Relabeling) -> (first: [Int], second: [Int]) {
    var random = SeededGenerator(seed: UInt64(seed), stream: "row-order")
    let second = random.permutation(rows)
    let first = self == .both ? random.permutation(rows) : Array(0..<rows)
    return (relabeling.order(rows, "first").map { first[$0] }, relabeling.order(rows, "second").map { second[$0] })
  }
}

/// The normalization of each row of features.
enum RowNormalization: String, CaseIterable, Sendable {
  case none
  /// Scales each row to unit Euclidean length, as SCOT does.
  case l2

  func apply(to features: Matrix, name: String) throws -> Matrix {
    guard self == .l2 else { return features }
    var result = features
    for i in 0..<features.rows {
      let norm = features[row: i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm == 0 {
        throw ExperimentError(description: "\(name): row \(i) is zero, so that it cannot be scaled to unit length")
      }
      for k in 0..<features.columns { result[i, k] /= norm }
    }
    return result
  }
}

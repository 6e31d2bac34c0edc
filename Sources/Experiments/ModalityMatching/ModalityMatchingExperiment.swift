import Datasets
import Documents
import Figures
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Matches cells and features of two modalities at once by conic, balanced, or unbalanced co-optimal transport, and
/// scores both matchings.
struct ModalityMatchingExperiment: Experiment {
  static let kind = "modality-matching"
  static let revision = 1
  static let summary =
    """
    Matches cells and features of two modalities at once by one method, and scores it by the pairing, which it does \
    not see.
    """
  static let metrics: Glossary = [
    "foscttm": "fraction of cells closer than the true match, averaged over both directions",
    "foscttmForward": "foscttm of the first modality in the second one's space",
    "foscttmBackward": "foscttm of the second modality in the first one's space",
    "featuresRight": "fraction of the second modality's features whose largest match is right",
    "cellsRight": "fraction of the first modality's cells whose largest match is right",
    "truthFoscttm":
      "foscttm of exact transport between cells that knows the true matching of features",
    "value": "the objective of the method: squared distance, or transport cost with penalties",
    "unmatched": "unmatched mass of the first modality's cells",
    "iterations": "outer iterations",
  ]
  static let example = """
    data: {generator: {cells: 30, features: 3}}
    solver: {name: ccot, delta: 0.5}
    """

  enum MethodName: String, CaseIterable { case ccot, coot, ucoot }

  enum Method: Sendable {
    case ccot(ConeSettings)
    case coot(CoOptimalTransport)
    case ucoot(UnbalancedCoOptimalTransport, MarginalRelaxation)

    var name: MethodName {
      switch self {
      case .ccot: .ccot
      case .coot: .coot
      case .ucoot: .ucoot
      }
    }
  }

  let data: ModalityData
  let method: Method
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try ModalityData(body.data)
    let fields = body.solver
    let name: MethodName = try fields.choice(
      "name", about: "the method: conic, balanced (exact), or unbalanced (entropic) co-optimal transport")
    switch name {
    case .ccot: method = .ccot(try ConeSettings(fields, delta: 0.5, sweeps: 5, seed: UInt64(body.seed)))
    case .coot: method = .coot(try CoOptimalTransport(fields, iterations: 1000))
    case .ucoot:
      try fields.refuse("rho", since: "is now 'rho1' and 'rho2'")
      method = .ucoot(try UnbalancedCoOptimalTransport(fields, epsilon: 0.05), try fields.relaxation(default: 1))
    }
    seed = body.seed
  }

  var inputs: [InputReference] { data.inputs }

  /// The result of a method: how much of each pair is matched.
  private struct Answer {
    let cells: Matrix
    let features: Matrix
    let value: Double
    let unmatched: Double
    let status: Status
    let iterations: Int
    let trace: Trace
  }

  func run(_ context: RunContext) throws -> RunResult {
    let pair = try data.load(context, seed: seed)
    let answer = try solve(pair)
    let scores = Self.scores(answer.cells, pair)
    let truth = Self.scores(try Self.transportAtTruth(pair), pair)
    let featuresRight = pair.featurePartners.indices.count { j in
      Self.largest((0..<answer.features.rows).map { answer.features[$0, j] }) == pair.featurePartners[j]
    }
    let cellsRight = pair.partners.indices.count { Self.largest(Array(answer.cells[row: $0])) == pair.partners[$0] }
    let image = Self.projected(answer.cells, onto: pair.second)
    let components = PrincipalComponents(pair.second, count: min(2, pair.second.columns))
    return RunResult(
      status: answer.status,
      metrics: [
        "foscttm": .number((scores.forward + scores.backward) / 2), "foscttmForward": .number(scores.forward),
        "foscttmBackward": .number(scores.backward),
        "featuresRight": .number(Double(featuresRight) / Double(pair.featurePartners.count)),
        "cellsRight": .number(Double(cellsRight) / Double(pair.partners.count)),
        "truthFoscttm": .number((truth.forward + truth.backward) / 2), "value": .number(answer.value),
        "unmatched": .number(answer.unmatched), "iterations": .integer(answer.iterations),
      ], trace: answer.trace,
      arrays: [
        ("features", NumericArray(Self.inOrder(answer.features, pair))),
        ("image", NumericArray(components.project(image))), ("target", NumericArray(components.project(pair.second))),
        ("x", NumericArray(answer.trace.points.map { Double($0.iteration) })),
        ("objective", NumericArray(answer.trace.points.map { $0.objective ?? 0 })),
      ])
  }

  private func solve(_ pair: ModalityData.Pair) throws -> Answer {
    let solution: CoOptimalSolution
    switch method {
    case .ccot(let cone):
      let solution = try ConicCoOptimalTransport(cone.ascent).solve(
        ConicProblem(
          first: Hypernetwork(values: .dense(pair.first), name: "the first modality"),
          second: Hypernetwork(values: .dense(pair.second), name: "the second modality"), kernel: cone.kernel,
          delta: cone.delta))
      let cells = [Double].uniform(pair.first.rows)
      let matched = solution.nodes.matching
      return Answer(
        cells: matched, features: solution.hyperedges.matching, value: solution.squaredDistance,
        unmatched: 1 - min(compensatedSum(matched.rowSums), compensatedSum(cells)), status: solution.status,
        iterations: solution.iterations, trace: solution.trace)
    case .coot(let solver): solution = try solver.solve(CoOptimalProblem(source: pair.first, target: pair.second))
    case .ucoot(let solver, let relaxation):
      solution = try solver.solve(CoOptimalProblem(source: pair.first, target: pair.second, relaxation: relaxation))
    }
    return Answer(
      cells: solution.samples.plan, features: solution.features.plan, value: solution.value,
      unmatched: max(1 - compensatedSum(solution.samples.plan.rowSums), 0), status: solution.status,
      iterations: solution.iterations,
      trace: solution.trace)
  }

  /// Returns the exact plan between cells that knows the matching of features.
  private static func transportAtTruth(_ pair: ModalityData.Pair) throws -> Matrix {
    let known = Matrix(rows: pair.first.rows, columns: pair.second.columns) { pair.first[$0, pair.featurePartners[$1]] }
    return try NetworkSimplex().solve(LinearProblem(cost: squaredDistances(known, pair.second))).coupling.plan
  }

  /// Returns Σ_j T_ij y_j / Σ_j T_ij as row i, or the mean of all points if a row has no mass.
  private static func projected(_ matching: Matrix, onto points: Matrix) -> Matrix {
    Coupling(plan: matching, source: matching.rowSums, target: matching.columnSums).barycentricProjection(onto: points)
  }

  private static func scores(_ matching: Matrix, _ pair: ModalityData.Pair) -> (forward: Double, backward: Double) {
    let second = pair.second.selectingRows(pair.partners)
    let back = projected(matching.transposed, onto: pair.first).selectingRows(pair.partners)
    return (
      FractionCloserThanTrueMatch(projected(matching, onto: pair.second), second).twoSided,
      FractionCloserThanTrueMatch(pair.first, back).twoSided
    )
  }

  private static func largest(_ values: [Double]) -> Int { values.indices.max { values[$0] < values[$1] } ?? 0 }

  /// Returns the matching of features in the order of the files, so that partners are on the diagonal.
  private static func inOrder(_ matching: Matrix, _ pair: ModalityData.Pair) -> Matrix {
    let columns = pair.secondNames.indices.sorted { pair.secondNames[$0] < pair.secondNames[$1] }
    let paired = columns.map { pair.featurePartners[$0] }
    let rows =
      paired
      + pair.firstNames.indices.filter { !paired.contains($0) }.sorted { pair.firstNames[$0] < pair.firstNames[$1] }
    return Matrix(rows: rows.count, columns: columns.count) { matching[rows[$0], columns[$1]] }
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let (image, target) = (try arrays.array("image").matrix, try arrays.array("target").matrix)
    func plane(_ points: Matrix) -> Matrix {
      Matrix(rows: points.rows, columns: 2) { $1 < points.columns ? points[$0, $1] : 0 }
    }
    return [
      Figure(
        name: "matching", title: "Matching of features and cells by \(method.name.rawValue.uppercased())",
        panels: [
          .heatMap(
            HeatMapPanel(
              title: "features; true partners are on the diagonal", xLabel: "feature of the second modality",
              yLabel: "feature of the first modality",
              scaleLabel: "matched mass", matrix: try arrays.array("features").matrix)),
          .scatter(
            ScatterPanel(
              title: "cells in the second modality's principal plane", xLabel: "component 1", yLabel: "component 2",
              groups: [
                ScatterPanel.Group(name: "second modality", points: plane(target), colour: 1, marker: .disc),
                ScatterPanel.Group(name: "first modality, projected", points: plane(image), colour: 0, marker: .circle),
              ])),
        ], panelSize: (640, 560))
    ]
  }
}

import Documents
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport

/// SCOT (Demetci, Santorella, Sandstede, Noble, Singh 2022, DOI 10.1089/cmb.2021.0446): neighbourhood graphs, their path lengths divided by
/// the largest, uniform weights, and entropic Gromov–Wasserstein transport from the product plan.
struct SCOT: Sendable {
  let neighbors: Int
  let metric: Metric
  let edgeLength: EdgeLength
  let countingSelf: Bool
  let unreachable: Unreachable
  let undefinedCorrelation: UndefinedCorrelation
  let solver: EntropicGromovWasserstein

  init(params: Fields, solver fields: Fields) throws(DocumentError) {
    let graph = try params.fieldsOrEmpty("graph", about: "the neighbourhood graph of each modality")
    neighbors = try graph.integer("neighbors", in: 1...1_000_000, about: "edges from each cell")
    metric = try graph.choice("metric", default: .euclidean, about: "how near is measured")
    edgeLength = try graph.choice("edges", default: .distance, about: "the length of an edge: 1 for connectivity")
    countingSelf = try graph.bool("countSelf", default: false, about: "whether a cell is the first of its own neighbours")
    unreachable = try graph.choice("unreachable", default: .error, about: "what stands for path lengths between components")
    undefinedCorrelation = try graph.choice(
      "undefinedCorrelation", default: .error, about: "what stands for the correlation with a constant row")

    enum Name: String, CaseIterable { case scot }
    let _: Name = try fields.choice("name", default: .scot, about: "the method")
    let step: EntropicGromovWasserstein.Step = try fields.choice("step", default: .mirrorDescent, about: "what a step descends")
    // SCOT's and POT's ε belongs to the gradient 2T, so that it is twice ours; a manifest gives the one its numbers come from.
    let epsilon: Double
    if let gradientEpsilon = try fields.optionalPositiveNumber(
      "gradientEpsilon", about: "SCOT's and POT's ε, twice ours; instead of epsilon")
    {
      epsilon = gradientEpsilon / 2
    } else {
      epsilon = try fields.positiveNumber("epsilon", about: "weight of the entropy, in units of the squared distances")
    }
    solver = EntropicGromovWasserstein(
      epsilon: epsilon, step: step,
      stopping: StoppingRule(
        tolerance: try fields.positiveNumber("tolerance", default: 1e-9, about: "on the change of the plan, Frobenius"),
        iterationLimit: try fields.integer("iterationLimit", default: 1000, about: "outer steps")),
      innerStopping: StoppingRule(
        tolerance: try fields.positiveNumber("innerTolerance", default: 1e-9, about: "on the marginals of each step, L1"),
        iterationLimit: try fields.integer("innerIterationLimit", default: 1000, about: "Sinkhorn iterations of each step")))
  }

  /// One modality as the method sees it.
  struct Modality {
    let features: Matrix
    /// How errors call it.
    let name: String
    /// The row in the user's file that each row comes from.
    let originalRows: [Int]
  }

  /// Aligns the rows of two modalities. Nothing else is known to it.
  func align(
    _ first: Modality, _ second: Modality, report: @escaping @Sendable (String) -> Void
  ) throws -> GromovWassersteinSolution {
    let problem = try QuadraticProblem(source: space(of: first), target: space(of: second))
    report("path lengths of both \(neighbors)-neighbour graphs are known")
    let clock = ProgressClock()
    return try solver.solve(problem) { point in
      if clock.isDue {
        let objective = point.objective.map { String(format: "%.6g", $0) } ?? "–"
        report("step \(point.iteration): objective \(objective), change \(String(format: "%.1e", point.residual))")
      }
      return true
    }
  }

  private func space(of modality: Modality) throws -> MetricMeasureSpace {
    do {
      let graph = try NearestNeighborGraph(
        points: modality.features, neighbors: neighbors, metric: metric, edgeLength: edgeLength, countingSelf: countingSelf,
        undefinedCorrelation: undefinedCorrelation)
      let lengths = try graph.shortestPathLengths(unreachable: unreachable)
      let largest = lengths.elements.max() ?? 0
      guard largest > 0 else {
        throw ExperimentError(description: "\(modality.name): all points coincide, so that there is nothing to align")
      }
      return try MetricMeasureSpace(distances: lengths.map { $0 / largest }, name: "the path lengths of \(modality.name)")
    } catch let error as GraphError {
      var error = error
      if case .noCorrelation(let row) = error { error = .noCorrelation(row: modality.originalRows[row]) }
      throw ExperimentError(description: "\(modality.name): \(error)")
    }
  }
}

/// Says when a second has passed since it last said so.
private final class ProgressClock: @unchecked Sendable {
  private var last = Date()

  var isDue: Bool {
    guard Date().timeIntervalSince(last) >= 1 else { return false }
    last = Date()
    return true
  }
}

import Documents
import Learning
import LinearAlgebra
import Pipeline

/// The distances within a modality: path lengths in neighborhood graphs, or distances of all pairs.
///
/// All combinations of the settings are tried.
struct GraphDistances: Sendable {
  /// The unit of distances.
  enum Unit { case largest, mean }

  /// One combination of settings.
  struct Variant: Sendable {
    let neighbors: Int?
    let metric: Metric
    let edgeLength: EdgeLength

    var description: String {
      neighbors.map { "\($0) neighbors, \(metric.rawValue), \(edgeLength.rawValue)" } ?? "all pairs, \(metric.rawValue)"
    }
  }

  let variants: [Variant]
  let countingSelf: Bool
  let unreachable: Unreachable
  let undefinedCorrelation: UndefinedCorrelation

  init(_ params: Fields) throws(DocumentError) {
    let graph = try params.fieldsOrEmpty(
      "graph", about: "the neighborhood graph of each modality; all combinations of listed settings are tried")
    let usesPaths = try graph.bool(
      "paths", default: true, about: "whether to use path lengths in the graph; false uses distances of all pairs")
    let metrics: [Metric] = try graph.choices("metric", default: [.euclidean], about: "the metric between cells")
    var (neighbors, lengths): ([Int?], [EdgeLength]) = ([nil], [.distance])
    if usesPaths {
      neighbors = try graph.integers("neighbors", in: 1...1_000_000, about: "the number of neighbors of each cell")
      lengths = try graph.choices(
        "edges", default: [.distance], about: "the length of an edge; connectivity gives all edges length 1")
    }
    countingSelf =
      usesPaths
      ? try graph.bool("countSelf", default: false, about: "whether a cell counts as the first of its own neighbors")
      : false
    unreachable =
      usesPaths
      ? try graph.choice("unreachable", default: .error, about: "the path length between different components") : .error
    undefinedCorrelation = try graph.choice(
      "undefinedCorrelation", default: .error, about: "the correlation with a constant row")
    variants = neighbors.flatMap { k in
      metrics.flatMap { metric in lengths.map { Variant(neighbors: k, metric: metric, edgeLength: $0) } }
    }
  }

  /// Returns the distances of a modality, or throws `ExperimentError` that names the modality and the row at fault.
  func matrix(_ modality: Modality, _ variant: Variant, dividedBy unit: Unit) throws -> Matrix {
    do {
      let lengths: Matrix
      if let neighbors = variant.neighbors {
        let graph = try WeightedGraph(
          nearestNeighborsOf: modality.features, count: neighbors, metric: variant.metric,
          edgeLength: variant.edgeLength,
          countingSelf: countingSelf, undefinedCorrelation: undefinedCorrelation)
        lengths = try graph.shortestPathLengths(unreachable: unreachable)
      } else {
        var distances = try pairwiseDistances(
          modality.features, metric: variant.metric, undefinedCorrelation: undefinedCorrelation)
        for i in 0..<distances.rows { distances[i, i] = 0 }
        lengths = distances
      }
      let size =
        unit == .largest
        ? lengths.elements.max() ?? 0 : lengths.elements.reduce(0, +) / Double(max(lengths.elements.count, 1))
      guard size > 0 else {
        throw ExperimentError(description: "\(modality.name): all points coincide, so there is nothing to align")
      }
      return lengths.map { $0 / size }
    } catch let error as GraphError {
      var error = error
      if case .noCorrelation(let row) = error { error = .noCorrelation(row: modality.originalRows[row]) }
      throw ExperimentError(description: "\(modality.name): \(error)")
    }
  }
}

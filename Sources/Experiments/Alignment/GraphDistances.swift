import Documents
import Learning
import LinearAlgebra
import Pipeline

/// The distances within a modality that a method goes by: path lengths in neighbourhood graphs, or distances themselves; every combination of
/// the settings that are to be tried.
struct GraphDistances: Sendable {
  /// What distances are divided by.
  enum Unit { case largest, mean }

  /// One way to have distances.
  struct Variant: Sendable {
    let neighbors: Int?
    let metric: Metric
    let edgeLength: EdgeLength

    var description: String {
      neighbors.map { "\($0) neighbours, \(metric.rawValue), \(edgeLength.rawValue)" } ?? "all pairs, \(metric.rawValue)"
    }
  }

  let variants: [Variant]
  let countingSelf: Bool
  let unreachable: Unreachable
  let undefinedCorrelation: UndefinedCorrelation

  init(_ params: Fields) throws(DocumentError) {
    let graph = try params.fieldsOrEmpty("graph", about: "the neighbourhood graph of each modality; lists are tried in every combination")
    let usesPaths = try graph.bool("paths", default: true, about: "path lengths in the graph; false takes distances of all pairs")
    let metrics: [Metric] = try graph.choices("metric", default: [.euclidean], about: "how near is measured")
    var (neighbors, lengths): ([Int?], [EdgeLength]) = ([nil], [.distance])
    if usesPaths {
      neighbors = try graph.integers("neighbors", in: 1...1_000_000, about: "edges from each cell")
      lengths = try graph.choices("edges", default: [.distance], about: "the length of an edge: 1 for connectivity")
    }
    countingSelf =
      usesPaths ? try graph.bool("countSelf", default: false, about: "whether a cell is the first of its own neighbours") : false
    unreachable =
      usesPaths ? try graph.choice("unreachable", default: .error, about: "what stands for path lengths between components") : .error
    undefinedCorrelation = try graph.choice(
      "undefinedCorrelation", default: .error, about: "what stands for the correlation with a constant row")
    variants = neighbors.flatMap { k in
      metrics.flatMap { metric in lengths.map { Variant(neighbors: k, metric: metric, edgeLength: $0) } }
    }
  }

  /// The distances of a modality in one way.
  ///
  /// - Throws: `ExperimentError` that names the modality and, where a row is at fault, the row in its file.
  func matrix(_ modality: Modality, _ variant: Variant, dividedBy unit: Unit) throws -> Matrix {
    do {
      let lengths: Matrix
      if let neighbors = variant.neighbors {
        let graph = try WeightedGraph(
          nearestNeighborsOf: modality.features, count: neighbors, metric: variant.metric, edgeLength: variant.edgeLength,
          countingSelf: countingSelf, undefinedCorrelation: undefinedCorrelation)
        lengths = try graph.shortestPathLengths(unreachable: unreachable)
      } else {
        var distances = try pairwiseDistances(
          modality.features, metric: variant.metric, undefinedCorrelation: undefinedCorrelation)
        for i in 0..<distances.rows { distances[i, i] = 0 }
        lengths = distances
      }
      let size = unit == .largest ? lengths.elements.max() ?? 0 : lengths.elements.reduce(0, +) / Double(max(lengths.elements.count, 1))
      guard size > 0 else {
        throw ExperimentError(description: "\(modality.name): all points coincide, so that there is nothing to align")
      }
      return lengths.map { $0 / size }
    } catch let error as GraphError {
      var error = error
      if case .noCorrelation(let row) = error { error = .noCorrelation(row: modality.originalRows[row]) }
      throw ExperimentError(description: "\(modality.name): \(error)")
    }
  }
}

import Learning

/// One way to see the geometry of a modality: a distance between cells, the path lengths in its neighbourhood graph, and what is made of these.
public struct ViewRecipe: Sendable, Hashable, CustomStringConvertible {
  /// The distance that the neighbourhood graph is built of. U are the features, rows scaled to unit length where these lengths vary much (`DepthRule`).
  public enum Base: String, Sendable, CaseIterable {
    /// Euclidean, of U.
    case features
    /// Euclidean, of rows scaled to unit length.
    case directions
    /// 1 − Pearson correlation of rows; a constant row is at distance 1 from all others.
    case correlation
    /// Euclidean, of the columns of U scaled to mean 0 and standard deviation 1.
    case standardized
    /// Euclidean, of rows of log(1 + x) less their mean; of U less the rows' mean where some feature is negative.
    case logRatios = "log-ratios"

    /// Whether a cell's features are compared with each other, so that one alone says nothing.
    var comparesFeatures: Bool { [.directions, .correlation, .logRatios].contains(self) }

    /// For sentences: "all cells coincide in …".
    var words: String {
      switch self {
      case .features: "their features"
      case .directions: "the directions of their features (rows scaled to unit length)"
      case .correlation: "the correlations of their features"
      case .standardized: "their standardized features"
      case .logRatios: "the ratios of their features"
      }
    }
  }

  /// What becomes of the path lengths.
  public enum Scale: String, Sendable, CaseIterable {
    /// Divided by the largest.
    case lengths
    /// The mean rank of each pair's length among those of all pairs, divided by the number of pairs.
    case ranks
  }

  public let base: Base
  /// k as a share of the number of cells.
  public let neighborShare: Double
  public let edges: EdgeLength
  public let scale: Scale

  public init(base: Base, neighborShare: Double, edges: EdgeLength, scale: Scale) {
    self.base = base
    self.neighborShare = neighborShare
    self.edges = edges
    self.scale = scale
  }

  /// Five distances × two neighbourhoods × edges counted or measured × lengths or ranks: forty views. The list was settled looking at the scores
  /// of two single-cell data sets (snare, scgem).
  public static let standard: [ViewRecipe] = Base.allCases.flatMap { base in
    [0.06, 0.2].flatMap { share in
      EdgeLength.allCases.flatMap { edges in
        Scale.allCases.map { ViewRecipe(base: base, neighborShare: share, edges: edges, scale: $0) }
      }
    }
  }

  /// What views of one neighbourhood graph have in common.
  struct Graph: Hashable {
    let base: Base
    let neighborShare: Double
  }

  var graph: Graph { Graph(base: base, neighborShare: neighborShare) }

  public var description: String { "\(base.rawValue), \(neighborShare) n neighbours, \(edges.rawValue), \(scale.rawValue)" }
}

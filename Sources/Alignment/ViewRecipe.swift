import Learning

/// One view of the geometry of a modality: a base distance, path lengths in its neighborhood graph, and their
/// normalization.
public struct ViewRecipe: Sendable, Hashable, CustomStringConvertible {
  /// The distance from which the neighborhood graph is built.
  ///
  /// U denotes the features, with rows scaled to unit length if row lengths vary strongly (`DepthRule`).
  public enum Base: String, Sendable, CaseIterable {
    /// The Euclidean distance of the rows of U.
    case features
    /// The Euclidean distance of rows scaled to unit length.
    case directions
    /// 1 minus the Pearson correlation of rows; a constant row is at distance 1 from all others.
    case correlation
    /// The Euclidean distance after scaling the columns of U to mean 0 and standard deviation 1.
    case standardized
    /// The Euclidean distance of rows of log(1 + x) minus their mean; of rows of U minus their mean if some feature
    /// is negative.
    case logRatios = "log-ratios"

    /// Whether the distance compares the features of a cell with each other, so that a single feature is
    /// uninformative.
    var comparesFeatures: Bool { [.directions, .correlation, .logRatios].contains(self) }

    /// The phrase that completes the error message "all cells coincide in …".
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

  /// The normalization of the path lengths.
  public enum Scale: String, Sendable, CaseIterable {
    /// Path lengths divided by the largest one.
    case lengths
    /// The mean rank of each pair's path length among all pairs, divided by the number of pairs.
    case ranks
  }

  /// The distance from which the neighborhood graph is built.
  public let base: Base
  /// The number k of neighbors as a fraction of the number of cells.
  public let neighborShare: Double
  /// Whether path lengths sum distances or count edges.
  public let edges: EdgeLength
  /// The normalization of the path lengths.
  public let scale: Scale

  /// Creates a recipe from its four choices; `neighborShare` lies in (0, 1).
  public init(base: Base, neighborShare: Double, edges: EdgeLength, scale: Scale) {
    self.base = base
    self.neighborShare = neighborShare
    self.edges = edges
    self.scale = scale
  }

  /// The forty default views: five distances, two neighborhood sizes, two edge lengths, and two scales.
  ///
  /// The list was chosen with a look at the scores of two single-cell data sets (snare and scgem).
  public static let standard: [ViewRecipe] = Base.allCases.flatMap { base in
    [0.06, 0.2].flatMap { share in
      EdgeLength.allCases.flatMap { edges in
        Scale.allCases.map { ViewRecipe(base: base, neighborShare: share, edges: edges, scale: $0) }
      }
    }
  }

  /// The part of a recipe that determines its neighborhood graph.
  struct Graph: Hashable {
    let base: Base
    let neighborShare: Double
  }

  var graph: Graph { Graph(base: base, neighborShare: neighborShare) }

  /// The four choices as text, such as "features, 0.2 n neighbors, distance, ranks".
  public var description: String {
    "\(base.rawValue), \(neighborShare) n neighbors, \(edges.rawValue), \(scale.rawValue)"
  }
}

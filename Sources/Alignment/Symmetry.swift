import LinearAlgebra
import OptimalTransport

/// How closely a modality maps onto itself by a map other than the identity.
///
/// Candidate maps are those that `SelfMapSearch` finds and the composition of two alignments, P_next diag(1/b)
/// P_bestᵀ.
public struct Symmetry: Sendable {
  /// The score F of the first modality's best self-map: lower is more symmetric; nil if every candidate is the
  /// identity.
  ///
  /// F is taken over the modality's own views. With at most three features it is also taken over the views of the
  /// unscaled features, and the lower value counts: scaling few columns to equal variance can hide the symmetry of a
  /// line with added noise.
  public var first: Double? { maps.first?.score }
  /// The score F of the second modality's best self-map, defined as `first`.
  public var second: Double? { maps.second?.score }

  /// The lower of both scores; nil if neither modality has a self-map.
  public var score: Double? { [first, second].compactMap { $0 }.min() }

  /// Whether a modality maps onto itself with less than a twentieth of the product plan's distortion, so that noise
  /// decides its orientation.
  public var isNear: Bool { score.map { $0 <= Self.near } ?? false }

  /// The score up to which a modality counts as nearly symmetric.
  public static let near = -3.0

  private struct Map {
    let plan: Matrix
    let score: Double
  }

  private let maps: (first: Map?, second: Map?)

  /// Judges both modalities.
  ///
  /// - Parameters:
  ///   - problem: the views of both modalities.
  ///   - best: the best alignment, landmarks × landmarks.
  ///   - next: the runner-up, if there is one.
  init(_ problem: MultiViewProblem, best: Matrix, next: Matrix?) {
    maps = (
      Self.best(
        problem.first, problem.recipes, problem.features.first.columns, next.map { Self.carriedBack($0, by: best) }),
      Self.best(
        problem.second, problem.recipes, problem.features.second.columns,
        next.map { Self.carriedBack($0.transposed, by: best.transposed) })
    )
  }

  /// The best alignment composed with the better of the two self-maps; nil if there is none.
  func carried(_ best: Matrix) -> Matrix? {
    if let first = maps.first, first.score <= maps.second?.score ?? .infinity {
      return Self.normalizedRows(first.plan).transposed * best
    }
    return maps.second.map { best * Self.normalizedRows($0.plan) }
  }

  private static func normalizedRows(_ map: Matrix) -> Matrix {
    let sums = map.rowSums
    return Matrix(rows: map.rows, columns: map.columns) { sums[$0] > 0 ? map[$0, $1] / sums[$0] : 0 }
  }

  /// The self-map of this modality that two alignments imply.
  ///
  /// - Parameters:
  ///   - next: the runner-up, this modality's landmarks × the other's.
  ///   - best: the best alignment, of the same shape.
  /// - Returns: P_next diag(1/b) P_bestᵀ.
  private static func carriedBack(_ next: Matrix, by best: Matrix) -> Matrix {
    let b = best.columnSums
    return next * Matrix(rows: best.columns, columns: best.rows) { b[$0] > 0 ? best[$1, $0] / b[$0] : 0 }
  }

  private static func best(_ modality: ModalityViews, _ recipes: [ViewRecipe], _ columns: Int, _ suggested: Matrix?)
    -> Map?
  {
    let a = modality.weights
    let own = JointViews(modality.between.map { CrossView($0, $0, source: a, target: a) })
    let feature = PlanFeature(modality, modality)
    let identity = feature(Matrix(rows: a.count, columns: a.count) { $0 == $1 ? a[$0] : 0 })
    // A map that moves cells only within their neighborhoods counts as the identity.
    func isOther(_ map: Matrix) -> Bool { PlanFeature.similarity(feature(map), identity) <= 0.5 }
    let plain = columns <= 3 ? recipes.indices.filter { recipes[$0].base == .features } : []
    func score(_ map: Matrix) -> Double {
      let ratios = own.ratios(of: map)
      return [ratios, plain.map { ratios[$0] }].filter { !$0.isEmpty }.map(JointViews.score).min() ?? 0
    }
    // Maps from the search are not refined over all views: at the ε of that descent, rings and squares collapse to
    // the product plan.
    let searched = [Array(recipes.indices), plain].filter { !$0.isEmpty }
      .flatMap { SelfMapSearch(modality, views: $0).maps().filter(isOther).prefix(2) }
    let descended = suggested.map { own.descended(from: $0, source: a, target: a) }.flatMap { isOther($0) ? $0 : nil }
    let maps = (searched + [descended].compactMap { $0 }).map { Map(plan: $0, score: score($0)) }
    return maps.min { $0.score < $1.score }
  }
}

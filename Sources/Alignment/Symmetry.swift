import LinearAlgebra
import OptimalTransport

/// How nearly a modality fits onto itself in another way than by the identity: by the maps that `SelfMapSearch` finds, and by the one that two alignments
/// suggest, the second carried back by the first, P_next diag(1/b) P_bestᵀ.
public struct Symmetry: Sendable {
  /// F of the best such map within each modality, over its own views, and where there are at most three features over those of the features as they are
  /// given too, whichever is lower: scaling so few columns to one variance hides the symmetry of a line with noise beside it. The lower the more
  /// symmetric; nil where all came back to the identity.
  public var first: Double? { maps.first?.score }
  public var second: Double? { maps.second?.score }

  /// The lower of both.
  public var score: Double? { [first, second].compactMap { $0 }.min() }

  /// Whether a modality fits onto itself with less than a twentieth of the product plan's distortion, so that its orientation is left to noise.
  public var isNear: Bool { score.map { $0 <= Self.near } ?? false }

  public static let near = -3.0

  private struct Map {
    let plan: Matrix
    let score: Double
  }

  private let maps: (first: Map?, second: Map?)

  /// - Parameters:
  ///   - best: the alignment, from landmarks to landmarks.
  ///   - next: another one, where there is one.
  init(_ problem: MultiViewProblem, best: Matrix, next: Matrix?) {
    maps = (
      Self.best(problem.first, problem.recipes, problem.features.first.columns, next.map { Self.carriedBack($0, by: best) }),
      Self.best(
        problem.second, problem.recipes, problem.features.second.columns, next.map { Self.carriedBack($0.transposed, by: best.transposed) })
    )
  }

  /// The alignment carried round by the better of both maps.
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

  /// - Parameters:
  ///   - next, best: from this modality's landmarks to the other's.
  private static func carriedBack(_ next: Matrix, by best: Matrix) -> Matrix {
    let b = best.columnSums
    return next * Matrix(rows: best.columns, columns: best.rows) { b[$0] > 0 ? best[$1, $0] / b[$0] : 0 }
  }

  private static func best(_ modality: ModalityViews, _ recipes: [ViewRecipe], _ columns: Int, _ suggested: Matrix?) -> Map? {
    let a = modality.weights
    let own = JointViews(modality.between.map { CrossView($0, $0, source: a, target: a) })
    let feature = PlanFeature(modality, modality)
    let identity = feature(Matrix(rows: a.count, columns: a.count) { $0 == $1 ? a[$0] : 0 })
    // A map that moves cells within their neighbourhoods only is the identity to an alignment.
    func isOther(_ map: Matrix) -> Bool { PlanFeature.similarity(feature(map), identity) <= 0.5 }
    let plain = columns <= 3 ? recipes.indices.filter { recipes[$0].base == .features } : []
    func score(_ map: Matrix) -> Double {
      let ratios = own.ratios(of: map)
      return [ratios, plain.map { ratios[$0] }].filter { !$0.isEmpty }.map(JointViews.score).min() ?? 0
    }
    // What the search has found is not descended over all views: at the ε that this takes, rings and squares come back to random pairing.
    let searched = [Array(recipes.indices), plain].filter { !$0.isEmpty }
      .flatMap { SelfMapSearch(modality, views: $0).maps().filter(isOther).prefix(2) }
    let descended = suggested.map { own.descended(from: $0, source: a, target: a) }.flatMap { isOther($0) ? $0 : nil }
    let maps = (searched + [descended].compactMap { $0 }).map { Map(plan: $0, score: score($0)) }
    return maps.min { $0.score < $1.score }
  }
}

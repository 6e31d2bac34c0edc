import LinearAlgebra
import OptimalTransport

/// How nearly a modality fits onto itself in another way than by the identity, as far as two alignments suggest one: the second of them carried back by the
/// first, P_next diag(1/b) P_bestᵀ, and descended over the modality's own views.
public struct Symmetry: Sendable {
  /// F of that map within each modality, the lower the more symmetric; nil where it came back to the identity.
  public let first: Double?
  public let second: Double?

  /// The lower of both.
  public var score: Double { min(first ?? .infinity, second ?? .infinity) }

  /// Whether a modality fits onto itself with less than a twentieth of the product plan's distortion, so that its orientation is left to noise.
  public var isNear: Bool { score <= Self.near }

  public static let near = -3.0

  init(_ problem: MultiViewProblem, best: Matrix, next: Matrix) {
    first = Self.score(problem.first, best, next)
    second = Self.score(problem.second, best.transposed, next.transposed)
  }

  /// - Parameters:
  ///   - best, next: from this modality's landmarks to the other's.
  private static func score(_ views: ModalityViews, _ best: Matrix, _ next: Matrix) -> Double? {
    let (a, b) = (views.weights, best.columnSums)
    let back = Matrix(rows: best.columns, columns: best.rows) { b[$0] > 0 ? best[$1, $0] / b[$0] : 0 }
    let own = JointViews(views.between.map { CrossView($0, $0, source: a, target: a) })
    let map = own.descended(from: next * back, source: a, target: a)
    let feature = PlanFeature(views, views)
    let identity = Matrix(rows: a.count, columns: a.count) { $0 == $1 ? a[$0] : 0 }
    // A map that moves cells within their neighbourhoods only is the identity to an alignment.
    if PlanFeature.similarity(feature(map), feature(identity)) > 0.5 { return nil }
    return JointViews.score(own.ratios(of: map))
  }
}

import Glibc
import LinearAlgebra
import OptimalTransport

/// How widely a plan scatters the mass of each cell: over many partners, which is harmless where these lie together, and over distant ones, which says that
/// nothing was decided.
public struct PlanSpread: Sendable {
  /// e^H of a cell's partners, H the entropy of their shares, in the mean over the cells of both modalities: 1 where each cell has one partner.
  public let partners: Double
  /// The variance of a cell's partners among each other against that of all cells, in the mean over cells and in the worse direction: 0 where partners
  /// coincide, 1 for the product plan. A cell stands for its distances to all landmarks in the mean view.
  public let share: Double

  /// Above this share the partners of a cell lie nearly as far apart as any two cells.
  public static let wide = 0.2

  public var isWide: Bool { share > Self.wide }

  /// - Parameters:
  ///   - first, second: the distances of both sides' cells to landmarks, cells × landmarks.
  init(_ coupling: Coupling, first: Matrix, second: Matrix) {
    let back = coupling.transposed
    partners = (Self.partners(coupling.plan) + Self.partners(back.plan)) / 2
    share = max(Self.share(coupling, second), Self.share(back, first))
  }

  private static func partners(_ plan: Matrix) -> Double {
    let (masses, total) = (plan.rowSums, compensatedSum(plan.elements))
    let sum = (0..<plan.rows).reduce(0.0) { sum, i in
      guard masses[i] > 0 else { return sum }
      let entropy = plan[row: i].reduce(0.0) { $1 > 0 ? $0 - $1 / masses[i] * log($1 / masses[i]) : $0 }
      return sum + masses[i] * exp(entropy)
    }
    return total > 0 ? sum / total : 0
  }

  /// By the law of total variance what is left within cells is what their means do not have.
  private static func share(_ coupling: Coupling, _ points: Matrix) -> Double {
    let total = variance(points, coupling.plan.columnSums)
    let between = variance(coupling.barycentricProjection(onto: points), coupling.plan.rowSums)
    return total > 0 ? min(max(1 - between / total, 0), 1) : 0
  }

  private static func variance(_ points: Matrix, _ weights: [Double]) -> Double {
    let mass = weights.reduce(0, +)
    guard mass > 0 else { return 0 }
    var mean = [Double](repeating: 0, count: points.columns)
    for (i, weight) in weights.enumerated() where weight > 0 {
      for (k, value) in points[row: i].enumerated() { mean[k] += weight * value / mass }
    }
    return weights.indices.reduce(0) { weights[$1] > 0 ? $0 + weights[$1] * squaredDistance(points[row: $1], mean[...]) : $0 } / mass
  }
}

import Glibc
import LinearAlgebra
import OptimalTransport

/// How widely a plan spreads the mass of each cell.
///
/// Many partners are harmless if they lie together; distant partners mean that the plan is undecided.
public struct PlanSpread: Sendable {
  /// The effective number of partners of a cell, averaged over the cells of both modalities: 1 if each cell has one
  /// partner.
  ///
  /// It is e^H with H the entropy of a cell's normalized row of the plan.
  public let partners: Double
  /// The variance of a cell's partners relative to the variance of all cells, averaged over cells, in the worse
  /// direction.
  ///
  /// It is 0 if the partners of each cell coincide, and 1 for the product plan. A cell is represented by its
  /// distances to all landmarks in the mean view.
  public let share: Double

  /// The relative variance above which the partners of a cell lie nearly as far apart as arbitrary cells.
  public static let wide = 0.2

  /// Whether `share` exceeds `wide`.
  public var isWide: Bool { share > Self.wide }

  /// Measures the spread of a plan.
  ///
  /// - Parameters:
  ///   - coupling: the plan between the aligned cells.
  ///   - first: the distances of the first side's cells to their landmarks, cells × landmarks.
  ///   - second: the distances of the second side's cells to their landmarks, cells × landmarks.
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

  /// The variance within cells as a fraction of the total, by the law of total variance: 1 minus the fraction of the
  /// means.
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
    return weights.indices.reduce(0) {
      weights[$1] > 0 ? $0 + weights[$1] * squaredDistance(points[row: $1], mean[...]) : $0
    } / mass
  }
}

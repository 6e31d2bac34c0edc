import Glibc
import LinearAlgebra
import OptimalTransport

/// A descriptor by which plans are compared: the excess mass between neighborhoods of landmarks, relative to the
/// product plan.
///
/// It is S1 (P − a bᵀ) S2ᵀ with S = exp(−mean rank/0.05) normalized by rows, and ignores how mass moves within a
/// neighborhood.
struct PlanFeature: Sendable {
  private let first: Matrix
  private let second: Matrix
  private let product: Matrix

  private static let width = 0.05

  init(_ first: ModalityViews, _ second: ModalityViews) {
    self.first = proximityRows(first.meanRank, width: Self.width)
    self.second = proximityRows(second.meanRank, width: Self.width).transposed
    product = Matrix(outer: first.weights, second.weights)
  }

  func callAsFunction(_ plan: Matrix) -> [Double] {
    let mass = compensatedSum(plan.elements)
    let excess = Matrix(
      rows: plan.rows, columns: plan.columns, elements: zip(plan.elements, product.elements).map { $0 / mass - $1 })
    return (first * excess * second).elements
  }

  /// The cosine of the angle between two descriptors; 1 for plans that are practically the same.
  static func similarity(_ x: [Double], _ y: [Double]) -> Double {
    let lengths = (dot(x, x) * dot(y, y)).squareRoot()
    return lengths > 0 ? dot(x, y) / lengths : 1
  }

  /// Keeps, in order, the items whose plans are less similar than `similarity` to those of all items kept before.
  func apart<Item>(_ items: [Item], similarity: Double, most: Int, plan: @escaping (Item) -> Matrix) -> [Item] {
    let described = items.lazy.map { item in (item: item, feature: self(plan(item))) }
    return basins(of: described, most: most) { own, basin in
      !(Self.similarity(basin.first.feature, own.feature) < similarity)
    }
    .map(\.first.item)
  }
}

/// Returns exp(−d/width) normalized by rows; the smallest distance of each row is subtracted first, so that no row
/// underflows.
func proximityRows(_ distances: Matrix, width: Double) -> Matrix {
  Matrix(
    rows: distances.rows, columns: distances.columns,
    elements: (0..<distances.rows).flatMap { i -> [Double] in
      let row = distances[row: i]
      let least = row.min() ?? 0
      let kernel = row.map { exp((least - $0) / width) }
      let sum = kernel.reduce(0, +)
      return kernel.map { $0 / sum }
    })
}

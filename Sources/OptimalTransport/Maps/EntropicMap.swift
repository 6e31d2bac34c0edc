import CKernels
import Glibc
import LinearAlgebra

/// The map of an entropic plan, at any point.
///
/// With the potential ψ of the target at cost ‖x − y‖²,
///
///     T(x) = Σ_j w_j(x) y_j,       w_j(x) ∝ b_j exp((ψ_j − ‖x − y_j‖²)/ε)
///
/// (Pooladian, Niles-Weed 2021, arXiv:2109.12004). At the points that the plan was solved for it is the plan's
/// barycentric projection; between fixed marginals it is smooth, and tends to the optimal map as ε falls with growing
/// samples. O(m (d + 1)) a point, on all threads; no weight can overflow.
public struct EntropicMap: TransportMap {
  /// The target points y, m×d.
  public let target: Matrix
  /// ε.
  public let epsilon: Double
  /// ψ_j + ε log b_j.
  private let potential: [Double]
  /// The points axis after axis.
  private let axes: Matrix

  /// d, the number of coordinates of the points that it maps.
  public var dimension: Int { target.columns }

  /// The map of a solution at squared Euclidean cost.
  ///
  /// - Parameters:
  ///   - solution: of a problem whose cost are the squared distances of source and target points.
  ///   - target: m points, one a row.
  ///   - epsilon: the ε of the solution.
  /// - Throws: as `init(potential:weights:target:epsilon:)`.
  public init(_ solution: EntropicSolution, target: Matrix, epsilon: Double) throws(ProblemError) {
    try self.init(
      potential: solution.potentials.target, weights: solution.coupling.target, target: target, epsilon: epsilon)
  }

  /// The map of a potential of the target.
  ///
  /// - Parameters:
  ///   - potential: ψ, m numbers.
  ///   - weights: b, m weights; points of weight zero take no part.
  ///   - target: m points, one a row.
  ///   - epsilon: ε > 0.
  /// - Throws: `ProblemError` when sizes do not fit, a number is not finite, or ε is not positive.
  public init(potential: [Double], weights: [Double], target: Matrix, epsilon: Double) throws(ProblemError) {
    try ProblemError.validate(fitted: target, named: "the target points")
    if potential.count != target.rows || weights.count != target.rows {
      throw .shape(
        name: "the potential", found: "\(potential.count) values, and \(weights.count) weights",
        expected: "\(target.rows) of each (the target points)")
    }
    try ProblemError.validate(weights: weights, named: "the target weights")
    if !(epsilon > 0 && epsilon < .infinity) {
      throw .parameter(name: "epsilon", found: "\(epsilon)", expected: "a positive number")
    }
    // What has no weight has no part, whatever its potential.
    let taken = weights.indices.filter { weights[$0] > 0 }
    if let index = taken.first(where: { !potential[$0].isFinite }) {
      throw .nonFinite(name: "the potential", place: "index \(index)", value: potential[index])
    }
    self.target = target.selectingRows(taken)
    self.epsilon = epsilon
    self.potential = taken.map { potential[$0] + epsilon * log(weights[$0]) }
    axes = self.target.transposed
  }

  /// The images of points, one a row.
  public func images(of points: Matrix) -> Matrix {
    let count = target.rows
    return mapRows(of: points, to: dimension, room: 2 * count) { point, room, image in
      let costs = UnsafeMutableBufferPointer(rebasing: room[..<count])
      axes.squaredDistances(from: point, into: costs)
      guard let cost = costs.baseAddress, let weights = room.baseAddress.map({ $0 + count }) else { return }
      axes.elements.withUnsafeBufferPointer { axes in
        guard let axes = axes.baseAddress else { return }
        var nearest = 0
        let least = ck_minimum_difference(cost, potential, count, .infinity, &nearest)
        let sum = ck_gibbs_row_sum(least, potential, cost, 1 / epsilon, weights, count)
        for k in 0..<image.count { image[k] = ck_dot(weights, axes + k * count, count) / sum }
      }
    }
  }
}

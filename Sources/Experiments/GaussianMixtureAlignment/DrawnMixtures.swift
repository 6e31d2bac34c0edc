import Documents
import Foundation
import Learning
import LinearAlgebra
import Pipeline

/// Points in blobs or moons, and a rotated and stretched set of the same kind, both fitted by Gaussian mixtures.
struct DrawnMixtures: Sendable {
  enum Motif: String, CaseIterable, Sendable { case blobs, moons }

  let motif: Motif
  let points: Int
  let components: Int

  /// The motion of the second set: a rotation by 70° after stretching.
  private static let (turn, stretch) = (70 * Double.pi / 180, (x: 1.1, y: 0.9))

  init(_ fields: Fields) throws(DocumentError) {
    motif = try fields.choice(
      "motif", default: .blobs, about: "the point set: three blobs, or two interlocking half moons")
    points = try fields.integer("points", default: 600, in: 30...100_000, about: "points of each set")
    components = try fields.integer(
      "components", default: motif == .blobs ? 3 : 8, in: 1...100, about: "Gaussian components of each mixture")
  }

  struct Sample {
    let first: GaussianMixture
    let second: GaussianMixture
    /// The component of the second mixture that corresponds to each component of the first.
    let twins: [Int]

    /// Returns the same mixtures with their components renumbered.
    func relabeled(_ relabeling: Relabeling) -> Sample {
      let rows = relabeling.order(twins.count, "first mixture")
      let columns = relabeling.order(twins.count, "second mixture")
      return Sample(
        first: first.selectingComponents(rows), second: second.selectingComponents(columns),
        twins: rows.map { row in columns.firstIndex(of: twins[row]) ?? 0 })
    }
  }

  func sample(seed: Int) -> Sample {
    var random = SeededGenerator(seed: UInt64(seed), stream: "mixtures")
    let cloud = Matrix(rows: points, columns: 2, elements: (0..<points).flatMap { draw($0, &random) })
    let (c, s) = (cos(Self.turn), sin(Self.turn))
    let moved = Matrix(rows: points, columns: 2) { row, axis in
      let (x, y) = (Self.stretch.x * cloud[row, 0], Self.stretch.y * cloud[row, 1])
      return axis == 0 ? c * x - s * y : s * x + c * y
    }
    let (first, second) = (scaled(cloud), scaled(moved))
    let fits = (
      GaussianMixture(first.points, components: components, seed: UInt64(seed)),
      GaussianMixture(second.points, components: components, seed: UInt64(seed) &+ 1000)
    )
    // The expected position of each mean of the first mixture in the second.
    let places = Matrix(rows: components, columns: 2) { row, axis in
      let raw = (0..<2).map { (fits.0.means[row, $0] - first.shift[$0]) / first.factor }
      let (x, y) = (Self.stretch.x * raw[0], Self.stretch.y * raw[1])
      return second.factor * (axis == 0 ? c * x - s * y : s * x + c * y) + second.shift[axis]
    }
    return Sample(first: fits.0, second: fits.1, twins: Self.assignment(squaredDistances(places, fits.1.means)))
  }

  /// Assigns the nearest pairs first, and each component once.
  private static func assignment(_ costs: Matrix) -> [Int] {
    var twins = [Int](repeating: 0, count: costs.rows)
    var (rows, columns) = (Set(0..<costs.rows), Set(0..<costs.columns))
    let order = (0..<costs.elements.count).sorted { (costs.elements[$0], $0) < (costs.elements[$1], $1) }
    for index in order {
      let (row, column) = index.quotientAndRemainder(dividingBy: costs.columns)
      if rows.contains(row), columns.contains(column) {
        twins[row] = column
        rows.remove(row)
        columns.remove(column)
      }
    }
    return twins
  }

  private func draw(_ index: Int, _ random: inout SeededGenerator) -> [Double] {
    switch motif {
    case .blobs:
      // Three blobs of different sizes and shapes at the corners of a triangle without symmetry.
      let blob = index % 3
      let (x, y) = (random.normal(), random.normal())
      let center = [[-2.0, -1.0], [2.2, -0.6], [0.3, 1.9]][blob]
      let shape = [(0.5, 0.0, 0.25), (0.3, 0.2, 0.45), (0.3, -0.15, 0.3)][blob]
      return [center[0] + shape.0 * x, center[1] + shape.1 * x + shape.2 * y]
    case .moons:
      let (t, isUpper) = (Double.pi * random.uniform(), index % 2 == 0)
      let noise = (0.06 * random.normal(), 0.06 * random.normal())
      return isUpper ? [cos(t) + noise.0, sin(t) + noise.1] : [1 - cos(t) + noise.0, 0.5 - sin(t) + noise.1]
    }
  }

  /// Returns the points moved and scaled uniformly into [0.15, 0.85]².
  private func scaled(_ cloud: Matrix) -> (points: Matrix, factor: Double, shift: [Double]) {
    let bounds = (0..<2).map { axis in
      let values = (0..<cloud.rows).map { cloud[$0, axis] }
      return (low: values.min() ?? 0, high: values.max() ?? 1)
    }
    let factor = 0.7 / max(bounds[0].high - bounds[0].low, bounds[1].high - bounds[1].low)
    let shift = bounds.map { 0.5 - factor * ($0.low + $0.high) / 2 }
    return (Matrix(rows: cloud.rows, columns: 2) { factor * cloud[$0, $1] + shift[$1] }, factor, shift)
  }
}

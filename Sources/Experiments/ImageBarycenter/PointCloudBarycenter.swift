import Datasets
import Learning
import LinearAlgebra
import OptimalTransport

/// The barycenter as a matrix of distances by block coordinate descent, embedded in the plane for display.
struct PointCloudBarycenter {
  let images: [MetricMeasureSpace]
  let shares: [Double]
  let points: Int
  let solver: DistanceMatrixBarycenter

  /// Starts from random points in a square with diagonal 1.
  func answer(seed: UInt64) throws -> BarycenterAnswer {
    var random = SeededGenerator(seed: seed, stream: "point cloud")
    let start = Matrix(rows: points, columns: 2) { _, _ in random.uniform(in: 0...0.5.squareRoot()) }
    let solution = try solver.solve(
      images, shares: shares, from: MetricMeasureSpace(geometry: .euclidean(points: start)))
    let cloud = MultidimensionalScaling(solution.distances).points
    let losses = solution.trace.points.compactMap(\.objective)
    return BarycenterAnswer(
      status: solution.status, value: solution.loss, objective: solution.loss, loss: solution.loss, pixels: points,
      iterations: solution.iterations, trace: solution.trace,
      history: (solution.trace.points.map(\.secondsElapsed), losses),
      arrays: [
        ("distances", NumericArray(solution.distances)), ("points", NumericArray(cloud)),
        ("picture", NumericArray(Self.picture(cloud))),
        ("objective", NumericArray(losses)), ("diagonal", NumericArray(losses)), ("labelCount", NumericArray([0])),
      ])
  }

  /// Draws the points as discs on a square picture.
  private static func picture(_ points: Matrix) -> Matrix {
    let side = 200
    let reach = max(points.elements.reduce(0) { max($0, abs($1)) }, 1e-12) * 1.08
    let radius = max(1.2, 60 / Double(points.rows).squareRoot())
    var result = Matrix(rows: side, columns: side)
    for point in 0..<points.rows {
      let x = (points[point, 0] / reach + 1) / 2 * Double(side)
      let y = (1 - points[point, 1] / reach) / 2 * Double(side)
      let (top, left) = (max(Int(y - radius) - 1, 0), max(Int(x - radius) - 1, 0))
      for i in top..<max(top, min(Int(y + radius) + 2, side)) {
        for j in left..<max(left, min(Int(x + radius) + 2, side)) {
          let (dx, dy) = (Double(j) + 0.5 - x, Double(i) + 0.5 - y)
          if dx * dx + dy * dy < radius * radius { result[i, j] = 1 }
        }
      }
    }
    return result
  }
}

import Foundation
import LinearAlgebra
import OptimalTransport

/// A method that aligns two modalities without knowing which rows belong together, with all settings to be tried.
protocol AlignmentMethod: Sendable {
  /// The number of answers that `align` gives.
  var candidates: Int { get }

  /// The number of n × n matrices held at once for n cells of each modality; 0 if the method uses only some of the
  /// cells.
  var matrices: Double { get }

  /// Aligns the rows of two modalities once for every setting and start, and knows nothing else.
  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void) throws
}

extension AlignmentMethod {
  /// The default: distances of both modalities, a plan, its cost, and what a solver needs in addition.
  var matrices: Double { 8 }
}

/// A modality as a method sees it.
struct Modality {
  let features: Matrix
  /// The name of the modality in errors.
  let name: String
  /// The row of the user's file that each row comes from.
  let originalRows: [Int]
}

/// One alignment: both modalities in a common space, and the plan between them.
struct AlignmentAnswer {
  /// The settings in words.
  let settings: String
  /// The objective, known without pairs; lower is better, and the method says which candidates it compares.
  let objective: Double
  /// The first and the second modality in a common space, to be compared row by row.
  var forward: (first: Matrix, second: Matrix)
  /// The second and the first modality in the first one's space; nil if both share a single space.
  var backward: (first: Matrix, second: Matrix)?
  /// The spread of the points relative to that of the target space; a value near 0 indicates collapse.
  let spread: Double
  /// The plan, n1 × n2.
  var plan: Coupling
  let status: Status
  let iterations: Int
  let trace: Trace
  /// The CPU time in seconds.
  let seconds: Double
  /// The decision of a method that reports how sure it is.
  var decision: Decision?
}

/// Returns the root mean square distance of points from their mean.
func rootMeanSquareSpread(_ points: Matrix) -> Double {
  let mean = points.columnSums.map { $0 / Double(points.rows) }
  let squares = (0..<points.rows).reduce(0) { $0 + squaredDistance(points[row: $1], mean[...]) }
  return (squares / Double(points.rows)).squareRoot()
}

/// Returns the spread of a projection relative to that of the points it is projected onto.
func spread(_ projection: Matrix, among points: Matrix) -> Double {
  let own = rootMeanSquareSpread(points)
  return own > 0 ? rootMeanSquareSpread(projection) / own : 0
}

/// Returns the smaller spread of two embeddings relative to the distances that they should preserve.
func spread(_ embeddings: [Matrix], against distances: [Matrix]) -> Double {
  zip(embeddings, distances).map { points, distances in
    let square = distances.elements.reduce(0) { $0 + $1 * $1 } / Double(distances.elements.count)
    // The mean of |x − y|² is twice the mean squared distance from the mean.
    return square > 0 ? rootMeanSquareSpread(points) * (2 / square).squareRoot() : 0
  }.min() ?? 0
}

import Foundation
import LinearAlgebra
import OptimalTransport

/// A way to align two modalities whose rows are not known to belong together, with all the settings that are to be tried.
protocol AlignmentMethod: Sendable {
  /// How many answers `align` gives.
  var candidates: Int { get }

  /// How many n×n matrices it holds at once for n cells a modality; 0 where it takes a few of the cells alone.
  var matrices: Double { get }

  /// Aligns the rows of two modalities once for every setting and start. Nothing else is known to it.
  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void) throws
}

extension AlignmentMethod {
  /// Distances in both, a plan, its cost and what a solver holds besides.
  var matrices: Double { 8 }
}

/// One modality as a method sees it.
struct Modality {
  let features: Matrix
  /// How errors call it.
  let name: String
  /// The row in the user's file that each row comes from.
  let originalRows: [Int]
}

/// One alignment: both modalities in one space, and the plan between them.
struct AlignmentAnswer {
  /// Its settings, for people.
  let settings: String
  /// What the method can see without pairs, the less the better; comparable among its candidates as far as the method says.
  let objective: Double
  /// The first modality and the second in one space, to be compared row by row.
  var forward: (first: Matrix, second: Matrix)
  /// The same with the second carried to the first, where that is another space.
  var backward: (first: Matrix, second: Matrix)?
  /// The spread of the points against that of the space they were sent to; near 0 says collapse.
  let spread: Double
  /// n1×n2.
  var plan: Coupling
  let status: Status
  let iterations: Int
  let trace: Trace
  /// Processor seconds.
  let seconds: Double
  /// Of a method that says how sure it is.
  var decision: Decision?
}

/// How far points lie from their mean.
func rootMeanSquareSpread(_ points: Matrix) -> Double {
  let mean = points.columnSums.map { $0 / Double(points.rows) }
  let squares = (0..<points.rows).reduce(0) { $0 + squaredDistance(points[row: $1], mean[...]) }
  return (squares / Double(points.rows)).squareRoot()
}

/// The spread of a projection into a space that has points of its own.
func spread(_ projection: Matrix, among points: Matrix) -> Double {
  let own = rootMeanSquareSpread(points)
  return own > 0 ? rootMeanSquareSpread(projection) / own : 0
}

/// The lesser spread of two embeddings against the distances that they should have kept.
func spread(_ embeddings: [Matrix], against distances: [Matrix]) -> Double {
  zip(embeddings, distances).map { points, distances in
    let square = distances.elements.reduce(0) { $0 + $1 * $1 } / Double(distances.elements.count)
    // The mean square of |x − y| is twice that of the distance from the mean.
    return square > 0 ? rootMeanSquareSpread(points) * (2 / square).squareRoot() : 0
  }.min() ?? 0
}

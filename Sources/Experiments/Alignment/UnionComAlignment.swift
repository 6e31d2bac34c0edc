import Baselines
import Documents
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Pipeline

/// UnionCom's matching (`UnionCom`) on path lengths in Euclidean neighborhood graphs of features scaled to [0, 1].
///
/// The number of neighbors is raised by two until a graph is connected. The original trains a network on the
/// matching; here the first modality is projected by the rows of the matching. The objective without pairs is the
/// misfit of the path lengths.
struct UnionComAlignment: AlignmentMethod {
  let neighbors: [Int]
  let largestNeighbors: Int
  let epochs: Int

  var candidates: Int { neighbors.count }

  init(solver fields: Fields) throws(DocumentError) {
    neighbors = try fields.integers("neighbors", default: [5], about: "the initial number of neighbors of each cell")
    largestNeighbors = try fields.integer(
      "largestNeighbors", default: 40, about: "the largest number of neighbors that is tried")
    epochs = try fields.integer("epochs", default: 2000, about: "the number of steps of the primal–dual iteration")
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    let (x, y) = (scaled(first.features), scaled(second.features))
    for k in neighbors {
      let processor = ProcessorClock()
      let clock = ProgressClock()
      let answer = UnionCom(epochs: epochs).match(
        try lengths(x, first, neighbors: k), try lengths(y, second, neighbors: k),
        scale: (Double(y.columns) / Double(x.columns)).squareRoot()
      ) { epoch, misfit in if clock.isDue { report("epoch \(epoch) of \(epochs): misfit \(misfit)") } }
      let n = Double(x.rows)
      let plan = Coupling(plan: answer.matching.map { $0 / n }, source: .uniform(x.rows), target: .uniform(y.rows))
      // The iteration always makes all its epochs; row sums of F near 1 are the criterion of convergence.
      let projection = plan.barycentricProjection(onto: y)
      try visit(
        AlignmentAnswer(
          settings: "\(k) neighbors", objective: answer.misfit, forward: (projection, y),
          backward: (x, plan.transposed.barycentricProjection(onto: x)), spread: spread(projection, among: y),
          plan: plan,
          status: answer.violation < 0.01 ? .converged : .iterationLimit, iterations: epochs,
          trace: Trace(objectives: answer.history),
          seconds: processor.seconds))
    }
  }

  /// Returns all features scaled by one minimum and one maximum.
  private func scaled(_ features: Matrix) -> Matrix {
    let (least, largest) = (features.elements.min() ?? 0, features.elements.max() ?? 1)
    return features.map { largest > least ? ($0 - least) / (largest - least) : 0 }
  }

  private func lengths(_ features: Matrix, _ modality: Modality, neighbors: Int) throws -> Matrix {
    do {
      var k = min(neighbors, features.rows - 1)
      var graph = try WeightedGraph(nearestNeighborsOf: features, count: k)
      while graph.componentSizes.count > 1, k + 2 <= min(largestNeighbors, features.rows - 1) {
        k += 2
        graph = try WeightedGraph(nearestNeighborsOf: features, count: k)
      }
      return try graph.shortestPathLengths(unreachable: .twiceLargest)
    } catch {
      throw ExperimentError(description: "\(modality.name): \(error)")
    }
  }
}

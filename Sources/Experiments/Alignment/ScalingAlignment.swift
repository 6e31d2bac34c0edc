import Alignment
import Baselines
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// JMDS (`JointScaling`) on distances divided by their mean.
///
/// Its objective without pairs is the stress.
struct ScalingAlignment: AlignmentMethod {
  let distances: GraphDistances
  let attractions: [Double]
  let starts: Int
  let scaling: JointScaling

  var candidates: Int { distances.variants.count * attractions.count * starts }

  init(distances: GraphDistances, solver fields: Fields) throws(DocumentError) {
    self.distances = distances
    attractions = try fields.positiveNumbers(
      "attraction", default: [0.3], about: "α, the weight of matched points relative to the distances")
    starts = try fields.starts(default: 1, about: "random initial embeddings for each setting")
    scaling = try JointScaling(fields, iterations: 100, attraction: attractions[0])
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    for variant in distances.variants {
      let (x, y) = (
        try distances.matrix(first, variant, dividedBy: .mean), try distances.matrix(second, variant, dividedBy: .mean)
      )
      report("distances computed: \(variant.description)")
      for attraction in attractions {
        for start in 0..<starts {
          let processor = ProcessorClock()
          var scaling = scaling
          scaling.attraction = attraction
          let answer = try scaling.embed(x, y, seed: UInt64(seed) &+ UInt64(start))
          try visit(
            AlignmentAnswer(
              settings: "α \(attraction), start \(start + 1), \(variant.description)", objective: answer.stress,
              forward: (answer.first, answer.second), backward: nil,
              spread: spread([answer.first, answer.second], against: [x, y]),
              plan: Coupling(plan: answer.plan, source: .uniform(x.rows), target: .uniform(y.rows)),
              status: answer.status,
              iterations: answer.iterations, trace: answer.trace, seconds: processor.seconds))
        }
      }
    }
  }
}

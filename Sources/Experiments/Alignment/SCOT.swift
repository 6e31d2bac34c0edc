import Documents
import Foundation
import LinearAlgebra
import OptimalTransport

/// SCOT (Demetci, Santorella, Sandstede, Noble, Singh 2022, DOI 10.1089/cmb.2021.0446).
///
/// Path lengths in neighborhood graphs are divided by the largest one, weights are uniform, and entropic
/// Gromov–Wasserstein transport starts from the product plan. Among several settings the lowest Gromov–Wasserstein
/// value is chosen.
struct SCOT: AlignmentMethod {
  let distances: GraphDistances
  /// The solvers, one for each ε.
  let solvers: [EntropicGromovWasserstein]

  var candidates: Int { distances.variants.count * solvers.count }

  init(distances: GraphDistances, solver fields: Fields) throws(DocumentError) {
    self.distances = distances
    // SCOT's and POT's ε belongs to the gradient 2T, so it is twice ours.
    try fields.refuse("gradientEpsilon") { value in
      let halves = (value.array ?? [value]).compactMap(\.number).map { Value.number($0 / 2) }
      let new = halves.count == 1 ? halves[0] : .array(halves)
      return halves.isEmpty
        ? "is now 'epsilon', with half the value" : "is now 'epsilon: \(new.json())', half of SCOT's and POT's ε"
    }
    let epsilons = try fields.positiveNumbers(
      "epsilon",
      about: "ε, the weight of the entropy, in units of the squared distances; SCOT's and POT's ε is twice ours")
    let solver = try EntropicGromovWasserstein(fields, epsilon: epsilons[0])
    solvers = epsilons.map { epsilon in
      var own = solver
      own.epsilon = epsilon
      return own
    }
  }

  func align(
    _ first: Modality, _ second: Modality, seed: Int, report: @escaping @Sendable (String) -> Void,
    visit: (AlignmentAnswer) throws -> Void
  ) throws {
    for variant in distances.variants {
      let problem = try QuadraticProblem(source: space(first, variant), target: space(second, variant))
      report("distances computed: \(variant.description)")
      for solver in solvers {
        let (processor, clock) = (ProcessorClock(), ProgressClock())
        let solution = try solver.solve(problem) { point in
          if clock.isDue {
            let objective = point.objective.map { String(format: "%.6g", $0) } ?? "–"
            report("step \(point.iteration): objective \(objective), change \(String(format: "%.1e", point.residual))")
          }
          return true
        }
        let (forth, back) = (solution.coupling, solution.coupling.transposed)
        let projection = forth.barycentricProjection(onto: second.features)
        try visit(
          AlignmentAnswer(
            settings: "ε \(solver.epsilon), \(variant.description)", objective: solution.value,
            forward: (projection, second.features),
            backward: (first.features, back.barycentricProjection(onto: first.features)),
            spread: spread(projection, among: second.features), plan: forth, status: solution.status,
            iterations: solution.iterations, trace: solution.trace, seconds: processor.seconds))
      }
    }
  }

  private func space(_ modality: Modality, _ variant: GraphDistances.Variant) throws -> MetricMeasureSpace {
    try MetricMeasureSpace(
      distances: distances.matrix(modality, variant, dividedBy: .largest), name: "the distances of \(modality.name)")
  }
}

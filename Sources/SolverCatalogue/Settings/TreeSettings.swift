import Documents
import OptimalTransport

/// Trees of Gromov–Wasserstein terms by the alternating solver, from several seeded starts.
package struct TreeSettings: Sendable {
  package let solver: TreeGromovWasserstein
  package let starts: Int

  /// - Parameters:
  ///   - fields: where the settings are read.
  ///   - fallback: what absent keys stand for; an ε of 0 must be given.
  ///   - starts: the default of `starts`.
  ///   - seed: of the first start; others count on. Read from the fields when nil.
  package init(
    _ fields: Fields, default fallback: TreeGromovWasserstein, starts: Int, seed: UInt64? = nil
  ) throws(DocumentError) {
    let epsilon = try fields.epsilon(default: fallback.epsilon > 0 ? fallback.epsilon : nil, unit: fallback.epsilonUnit)
    let annealing =
      if let own = fallback.annealing {
        try Annealing(fields, default: own)
      } else {
        try Annealing(fields, epsilon: epsilon.value, times: 25, steps: 3)
      }
    var solver = fallback
    (solver.epsilon, solver.epsilonUnit, solver.annealing) = (epsilon.value, epsilon.unit, annealing)
    solver.noise = try fields.number(
      "noise", default: fallback.noise, in: .from(0, to: 1), about: "relative noise on the first costs; without it symmetric starts stay so"
    )
    solver.precision = try fields.choice("precision", default: fallback.precision, about: "of costs and plans; potentials are double")
    solver.criterion = try fields.choice(
      "criterion", default: fallback.criterion,
      about: "what falls to the tolerance: what a best answer would gain, or the change of the plans")
    solver.stopping = try StoppingRule(
      fields, default: fallback.stopping, about: "relative gain of an outer iteration, or change of its plans")
    solver.innerStopping = try StoppingRule(inner: fields, default: fallback.innerStopping)
    self.starts = try fields.starts(default: starts, about: "seeded noises; the lowest objective is kept")
    solver.seed = if let seed { seed } else { try fields.seed(about: "of the first start's noise; others count on") }
    self.solver = solver
  }

  /// The solvers of all starts.
  package var solvers: [TreeGromovWasserstein] {
    (0..<starts).map { start in
      var solver = solver
      solver.seed &+= UInt64(start)
      return solver
    }
  }
}

import Documents
import OptimalTransport

/// The settings of multi-marginal Gromov–Wasserstein problems on trees, solved from several seeded starts.
package struct TreeSettings: Sendable {
  package let solver: TreeGromovWasserstein
  package let starts: Int

  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - fallback: the defaults; a default ε of 0 makes `epsilon` required.
  ///   - starts: the default of `starts`.
  ///   - seed: the seed of the first start, read from the settings if nil; further starts use consecutive seeds.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or a required one is absent.
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
      "noise", default: fallback.noise, in: .from(0, to: 1),
      about: "relative noise on the initial costs; without it a symmetric start stays symmetric"
    )
    solver.precision = try fields.choice(
      "precision", default: fallback.precision,
      about: "floating-point precision of costs and plans; potentials are always double")
    solver.criterion = try fields.choice(
      "criterion", default: fallback.criterion,
      about:
        """
        the quantity that the tolerance bounds: the suboptimality of the linearized problem, or the change of the plans
        """
    )
    solver.stopping = try StoppingRule(
      fields, default: fallback.stopping, about: "relative suboptimality or change of the plans at which to stop")
    solver.innerStopping = try StoppingRule(inner: fields, default: fallback.innerStopping)
    self.starts = try fields.starts(
      default: starts, about: "number of starts with different noise, of which the lowest objective is kept")
    solver.seed =
      if let seed { seed } else {
        try fields.seed(about: "seed of the first start's noise; further starts use consecutive seeds")
      }
    self.solver = solver
  }

  /// One solver per start, with consecutive seeds.
  package var solvers: [TreeGromovWasserstein] {
    (0..<starts).map { start in
      var solver = solver
      solver.seed &+= UInt64(start)
      return solver
    }
  }
}

import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import UserProblems

/// Gromov–Wasserstein solvers as a user calls them, with the defaults of the command.
@Suite struct QuadraticEntryTests {
  /// Right: 0, whatever the order of the points.
  @Test("symmetric_gw") func symmetricSpaces() throws {
    let folder = try ProblemFolder()
    let spaces = [
      SymmetricSpaces.circle(50), SymmetricSpaces.complete(5), SymmetricSpaces.cycle(12), SymmetricSpaces.cube(2),
      SymmetricSpaces.cube(3),
    ]
    for distances in spaces {
      var random = SeededGenerator(seed: 7)
      let n = distances.rows
      for order in [Array(0..<n), random.permutation(n)] {
        let features = Matrix(rows: n, columns: n) { _, _ in random.uniform() }
        try folder.write(
          "symmetric",
          [
            ("D1", NumericArray(distances)), ("D2", NumericArray(SymmetricSpaces.reordered(distances, order))),
            ("M", NumericArray(features)), ("K", NumericArray(Matrix(rows: n, columns: n, repeating: 1))),
          ])
        for (solver, settings) in [("gw", []), ("fgw", ["alpha=1"]), ("fot", ["alpha=1"]), ("gw", ["starts=3"])] {
          let answer = try folder.solve(solver, "./symmetric.h5", settings: settings, allowsOtherInputs: true)
          #expect(answer.isConverged)
          #expect(try #require(answer.number("value")) < 1e-12, "\(solver) \(settings), \(n) points")
        }
      }
    }
  }

  /// Right: `converged`, its marginals fit to 1.7e-9 where 1e-9 was asked of each inner solve.
  @Test("egw_stuck") func entropicPlanAtRestIsConverged() throws {
    let path = try #require(Bundle.module.resourcePath.map { "\($0)/Fixtures/egw_stuck.npz" })
    let answer = try SolverEntry.named("entropic-gw").solve(InputFiles([path]), settings: ["epsilon=5"]).answer
    #expect(answer.isConverged && answer.iterations < 100)
    #expect(try #require(answer.number("marginal_error")) < 4e-9)
  }
}

import LinearAlgebra

/// Joint embedding of two metric measure spaces into a third, EW_λ, by entropic steps.
///
/// `JointEmbeddingProblem` states the objective. The solver is `TreeGromovWasserstein` on the chain X1 – Z – Z – X2.
/// Each step solves min ⟨λT_1, π_1⟩ + ½⟨d_Z², π_0⟩ + ⟨λT_2, π_2⟩ + ε KL(π | R) with the costs T that the previous
/// plans induce. Because its two inner nodes are free, the chain is reduced to one composed kernel between X1 and X2
/// if that is smaller (Beier, Piening, Beinert, and Steidl, 2025).
///
/// The problem is not convex: the iteration ends in a stationary point that depends on the start. The product plan is
/// a saddle point for every target with symmetries, hence the seeded noise; several seeds and annealing of ε find
/// lower minima. **If the spaces themselves are nearly symmetric, the lowest value need not be the desired
/// alignment**: compare several starts.
///
/// ε in units of squared distances is suitable for values of EW_λ, and `costRange` for embeddings, for which 1e-2 …
/// 5e-4 are typical. Residuals, precision, and statuses are those of `TreeGromovWasserstein`.
///
/// - Complexity: per step, dense products of 2 n² m operations per side (fewer if Z is a lattice), n1 m² + n1 m n2
///   for the composition of the kernels, and inner passes over n1×n2.
///   `JointEmbeddingProblem.memory(first:second:target:)` gives the memory.
public struct JointEmbedding: Sendable {
  /// The settings of the alternation, whose problem is the chain.
  public var alternation: TreeGromovWasserstein

  /// Creates a solver from the settings of the alternation.
  public init(_ alternation: TreeGromovWasserstein) { self.alternation = alternation }

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in the given unit.
  ///   - epsilonUnit: the unit of ε; the range of the costs by default.
  ///   - annealing: the decrease of ε to its final value, in the same unit; nil keeps ε constant.
  ///   - noise: the relative noise on the initial costs; without noise a symmetric start stays symmetric.
  ///   - seed: the seed of the noise.
  ///   - precision: the precision of costs and plans; adaptive by default.
  ///   - criterion: the quantity that the tolerance bounds; the gap by default.
  ///   - stopping: the tolerance and the limit on steps.
  ///   - innerStopping: the stopping rule of the linear problem in each step.
  public init(
    epsilon: Double, epsilonUnit: TreeGromovWasserstein.EpsilonUnit = .costRange, annealing: Annealing? = nil,
    noise: Double = 1e-3,
    seed: UInt64 = 0, precision: TreeGromovWasserstein.Precision = .adaptive,
    criterion: TreeGromovWasserstein.Criterion = .gap,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-5, iterationLimit: 300),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 1000)
  ) {
    alternation = TreeGromovWasserstein(
      epsilon: epsilon, epsilonUnit: epsilonUnit, annealing: annealing, noise: noise, seed: seed, precision: precision,
      criterion: criterion, stopping: stopping, innerStopping: innerStopping)
  }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: two spaces and their target.
  ///   - start: initial plans n1×m and n2×m with the spaces' weights as row sums, which are initially matched
  ///     independently; if nil, the product of the marginals, uniform on Z.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the embeddings and their transport plan.
  /// - Throws: `ProblemError` if a parameter is out of range or the start does not fit.
  public func solve(
    _ problem: JointEmbeddingProblem, from start: (first: Matrix, second: Matrix)? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> JointEmbeddingSolution {
    let plans = start.map { start in
      let (mu, nu) = (start.first.columnSums, start.second.columnSums)
      let mass = compensatedSum(mu)
      return [start.first, Matrix(rows: mu.count, columns: nu.count) { mu[$0] * nu[$1] / mass }, start.second]
    }
    return JointEmbeddingSolution(problem, try alternation.solve(problem.tree, from: plans, monitor: monitor))
  }
}

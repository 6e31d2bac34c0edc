import LinearAlgebra

/// Joint embedding of two metric measure spaces into a third, EW_λ (`JointEmbeddingProblem` states the objective), by entropic steps.
///
/// Algorithm: `TreeGromovWasserstein` on the chain X1 – Z – Z – X2. Each step solves min ⟨λT_1, π_1⟩ + ½⟨d_Z², π_0⟩ + ⟨λT_2, π_2⟩ + ε KL(π | R) with
/// the costs T that the plans before induce; with its two inner nodes free the chain is one composed kernel between X1 and X2 where that is smaller
/// (Beier, Piening, Beinert, Steidl 2025).
///
/// A heuristic for a problem that is not convex: it ends in a stationary point that depends on the start. The product plan is a saddle of every
/// target with symmetries, hence the seeded noise; a handful of seeds and an annealed ε find lower basins. **Where the spaces themselves are nearly
/// symmetric the lowest value need not be the alignment that a user wants**: look at several starts.
///
/// ε in units of squared distances suits values of EW_λ; `costRange` suits embeddings, for which 1e-2 … 5e-4 are usual. Residuals, precision and the
/// statuses are those of `TreeGromovWasserstein`.
///
/// Time a step: products of distances and plans, 2 n² m operations a side where they are dense (Z costs less where it is a lattice), the
/// composition of the kernels, n1 m² + n1 m n2, and inner passes over n1×n2. Memory: `JointEmbeddingProblem.memory`.
public struct JointEmbedding: Sendable {
  /// The settings of the alternation; its problem is the chain.
  public var alternation: TreeGromovWasserstein

  /// - Parameter alternation: its settings.
  public init(_ alternation: TreeGromovWasserstein) { self.alternation = alternation }

  /// - Parameters:
  ///   - epsilon: ε > 0, in its unit.
  ///   - epsilonUnit: the range of the costs by default.
  ///   - annealing: how ε falls to its value, in the same unit; nil holds it.
  ///   - noise: on the first costs, relative; 0 stays on the symmetric saddle if the start is one.
  ///   - seed: of the noise.
  ///   - precision: adaptive by default.
  ///   - criterion: what falls to the tolerance; the gap by default.
  ///   - stopping: of the steps.
  ///   - innerStopping: of each step's linear problem.
  public init(
    epsilon: Double, epsilonUnit: TreeGromovWasserstein.EpsilonUnit = .costRange, annealing: Annealing? = nil, noise: Double = 1e-3,
    seed: UInt64 = 0, precision: TreeGromovWasserstein.Precision = .adaptive, criterion: TreeGromovWasserstein.Criterion = .gap,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-5, iterationLimit: 300),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 1000)
  ) {
    alternation = TreeGromovWasserstein(
      epsilon: epsilon, epsilonUnit: epsilonUnit, annealing: annealing, noise: noise, seed: seed, precision: precision,
      criterion: criterion, stopping: stopping, innerStopping: innerStopping)
  }

  /// Solves the problem from the product of the marginals, uniform on Z, or from two plans.
  ///
  /// - Parameters:
  ///   - problem: two spaces and their target.
  ///   - start: plans n1×m and n2×m with the spaces' weights as row sums; the images are matched independently at first.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` when a parameter makes no sense or the start does not fit.
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

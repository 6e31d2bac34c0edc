/// A schedule that decreases ε from `start` to its final value by `factor` after every `steps` outer iterations.
///
/// The penalty weights ρ of relaxed marginals decrease with ε, in the same ratio, to their final values.
public struct Annealing: Sendable, Equatable {
  /// The initial ε, in the unit of the final one; positive.
  public var start: Double
  /// The factor between consecutive levels of ε, in (0, 1).
  public var factor: Double
  /// The number of outer iterations per level, at least 1.
  public var steps: Int

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - start: the initial ε, in the unit of the final one; positive.
  ///   - factor: the factor between consecutive levels, in (0, 1).
  ///   - steps: the number of outer iterations per level, at least 1.
  public init(start: Double, factor: Double = 0.7, steps: Int = 4) {
    self.start = start
    self.factor = factor
    self.steps = steps
  }

  func validate() throws(ProblemError) {
    try ProblemError.validate(positive: start, named: "the initial ε of annealing")
    if !(factor > 0 && factor < 1) {
      throw .parameter(name: "the annealing factor", found: "\(factor)", expected: "a number between 0 and 1")
    }
    if steps < 1 {
      throw .parameter(
        name: "the number of outer iterations per annealing level", found: "\(steps)", expected: "at least 1")
    }
  }

  /// ε at an outer iteration, counted from 1.
  func epsilon(_ iteration: Int, final: Double) -> Double {
    var value = start
    for _ in 0..<(iteration - 1) / steps where value > final { value *= factor }
    return max(value, final)
  }
}

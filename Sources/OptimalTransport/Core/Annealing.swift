/// How ε falls to its final value: from `start` by `factor` after every `steps` outer iterations. Prices ρ of marginals fall with it, in the same
/// ratio, to theirs.
public struct Annealing: Sendable, Equatable {
  public var start: Double
  public var factor: Double
  public var steps: Int

  public init(start: Double, factor: Double = 0.7, steps: Int = 4) {
    self.start = start
    self.factor = factor
    self.steps = steps
  }

  func validate() throws(ProblemError) {
    try ProblemError.validate(positive: start, named: "the ε that annealing starts from")
    if !(factor > 0 && factor < 1) {
      throw .parameter(name: "the annealing factor", found: "\(factor)", expected: "a number between 0 and 1")
    }
    if steps < 1 { throw .parameter(name: "the outer iterations of an annealing level", found: "\(steps)", expected: "at least 1") }
  }

  /// ε at an outer iteration, counted from 1.
  func epsilon(_ iteration: Int, final: Double) -> Double {
    var value = start
    for _ in 0..<(iteration - 1) / steps where value > final { value *= factor }
    return max(value, final)
  }
}

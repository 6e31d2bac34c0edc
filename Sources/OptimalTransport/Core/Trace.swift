/// The course of an iteration, one point a recorded step.
public struct Trace: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    /// Counted from 1.
    public let iteration: Int
    /// The objective before the step, where the solver knows it; its doc comment says which.
    public let objective: Double?
    /// What must fall to the tolerance; the solver's doc comment says what it measures.
    public let residual: Double
    /// Wall-clock seconds since the start.
    public let secondsElapsed: Double

    package init(iteration: Int, objective: Double?, residual: Double, secondsElapsed: Double) {
      self.iteration = iteration
      self.objective = objective
      self.residual = residual
      self.secondsElapsed = secondsElapsed
    }
  }

  public internal(set) var points: [Point] = []

  public init() {}

  /// The course of a method that records its objective alone: the residual is its relative change, and no time is known.
  public init(objectives: [Double]) {
    points = objectives.indices.map { step in
      let before = objectives[max(step - 1, 0)]
      let change = step == 0 ? 1 : abs(objectives[step] - before) / max(abs(before), .leastNormalMagnitude)
      return Point(iteration: step + 1, objective: objectives[step], residual: change, secondsElapsed: 0)
    }
  }

  /// This trace with its iterations counted on from `count`.
  func counted(from count: Int) -> Trace {
    var result = self
    result.points = points.map {
      Point(iteration: $0.iteration + count, objective: $0.objective, residual: $0.residual, secondsElapsed: $0.secondsElapsed)
    }
    return result
  }

  /// Two traces, one after the other in time.
  static func joined(_ first: Trace, _ second: Trace) -> Trace {
    let before = first.points.last?.secondsElapsed ?? 0
    var result = first
    result.points += second.points.map {
      Point(iteration: $0.iteration, objective: $0.objective, residual: $0.residual, secondsElapsed: $0.secondsElapsed + before)
    }
    return result
  }
}

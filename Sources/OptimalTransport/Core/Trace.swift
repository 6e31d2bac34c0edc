/// The history of an iteration, with one point per recorded step.
public struct Trace: Sendable, Equatable {
  /// One recorded step.
  public struct Point: Sendable, Equatable {
    /// The number of the iteration, counted from 1.
    public let iteration: Int
    /// The objective before the step, if the solver computes it; its documentation says which objective.
    public let objective: Double?
    /// The quantity that the tolerance bounds; the documentation of the solver says what it measures.
    public let residual: Double
    /// The wall-clock time since the start, in seconds.
    public let secondsElapsed: Double

    package init(iteration: Int, objective: Double?, residual: Double, secondsElapsed: Double) {
      self.iteration = iteration
      self.objective = objective
      self.residual = residual
      self.secondsElapsed = secondsElapsed
    }
  }

  /// The recorded steps, in order.
  public internal(set) var points: [Point] = []

  /// Creates an empty trace.
  public init() {}

  /// Creates the trace of a method that records only its objective: the residual is the relative change, and times
  /// are zero.
  public init(objectives: [Double]) {
    points = objectives.indices.map { step in
      let before = objectives[max(step - 1, 0)]
      let change = step == 0 ? 1 : abs(objectives[step] - before) / max(abs(before), .leastNormalMagnitude)
      return Point(iteration: step + 1, objective: objectives[step], residual: change, secondsElapsed: 0)
    }
  }

  /// Returns this trace with its iterations numbered after `count`.
  func counted(from count: Int) -> Trace {
    var result = self
    result.points = points.map {
      Point(
        iteration: $0.iteration + count, objective: $0.objective, residual: $0.residual,
        secondsElapsed: $0.secondsElapsed)
    }
    return result
  }

  /// Returns the concatenation of two consecutive traces.
  static func joined(_ first: Trace, _ second: Trace) -> Trace {
    let before = first.points.last?.secondsElapsed ?? 0
    var result = first
    result.points += second.points.map {
      Point(
        iteration: $0.iteration, objective: $0.objective, residual: $0.residual,
        secondsElapsed: $0.secondsElapsed + before)
    }
    return result
  }
}

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
  }

  public internal(set) var points: [Point] = []

  public init() {}
}

/// Breaks 2-cycles of an alternating minimization by averaging costs over iterations.
///
/// An alternation may cycle between two plans π ≠ γ, each optimal for the cost that the other induces. Steps on an
/// exponential average of the costs so far have fixed points only with π = γ; they act as proximal steps.
struct CycleAveraging {
  /// The number of steps without improvement after which the weight of old costs is increased; nil keeps it at ½.
  let patience: Int?
  /// The weight of old costs in the average: 0 until a cycle is detected, then ½, and closer to 1 if the cycle
  /// persists.
  private(set) var oldWeight = 0.0
  /// The changes of the plan since `oldWeight` was set.
  private var changes: [Double] = []

  init(patience: Int? = nil) { self.patience = patience }

  var isActive: Bool { oldWeight > 0 }

  /// The weighted mean of the average so far and a new value.
  func mean(_ old: Double, _ new: Double) -> Double { oldWeight * old + (1 - oldWeight) * new }

  /// Records a step and adjusts the weight.
  ///
  /// - Parameters:
  ///   - change: the change of the plan, as a fraction of its mass.
  ///   - isCycling: whether the plans form a 2-cycle; evaluated only until averaging starts.
  mutating func note(change: Double, isCycling: @autoclosure () -> Bool) {
    if isActive {
      changes.append(change)
      guard let patience, changes.count >= patience, changes[changes.count - 1] > 0.5 * changes[0], change > 1e-2,
        oldWeight < 0.99
      else {
        return
      }
    } else if !isCycling() {
      return
    }
    oldWeight = (1 + oldWeight) / 2
    changes = []
  }

  /// Whether a plan is much closer to the second-to-last plan than to the last one.
  static func isCycle(change: Double, changeOfTwo: Double) -> Bool { changeOfTwo < 0.1 * change }

  /// Whether F(π, γ) has converged while F(π, π) stays above it, which indicates a 2-cycle.
  ///
  /// The two values may also differ and drift; then neither has decreased by a fraction of the gap between them in
  /// the last steps.
  ///
  /// - Parameters:
  ///   - diagonal: F(πₖ, πₖ) of the steps so far.
  ///   - objectives: F(πₖ₊₁, πₖ) of the same steps.
  ///   - warmUp: the number of initial steps that are ignored.
  /// - Returns: whether the last steps form a cycle.
  static func isCycle(diagonal: [Double], objectives: [Double], after warmUp: Int) -> Bool {
    let count = objectives.count
    guard count > warmUp, count > 6 else { return false }
    let gap = diagonal[count - 1] - objectives[count - 1]
    let fall = abs(objectives[count - 2] - objectives[count - 1])
    if gap > 1e-4 * abs(diagonal[count - 1]), fall < 1e-3 * gap { return true }
    return gap > 1e-2 * abs(diagonal[count - 1])
      && (1...4).allSatisfy { objectives[count - $0] > objectives[count - $0 - 2] - 1e-2 * gap }
  }
}

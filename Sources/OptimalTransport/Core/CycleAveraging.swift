/// What ends the cycles of an alternation. It can settle between two plans π ≠ γ, each of them the best answer to the other; steps along
/// means of the costs so far, of which some share is kept, have their fixed points on the diagonal alone (a proximal step).
struct CycleAveraging {
  /// How many steps a share is tried for before more is kept; nil leaves it at ½.
  let patience: Int?
  /// The share of old costs in each step's: 0 until a cycle shows, then ½, and nearer to 1 where that does not end it.
  private(set) var kept = 0.0
  /// The plans' change of each step since `kept` was set.
  private var changes: [Double] = []

  init(patience: Int? = nil) { self.patience = patience }

  var isActive: Bool { kept > 0 }

  /// The mean of what was averaged so far and what is new.
  func mean(_ old: Double, _ new: Double) -> Double { kept * old + (1 - kept) * new }

  /// Notes a step.
  ///
  /// - Parameters:
  ///   - change: of the plan, as a fraction of its mass.
  ///   - isCycling: whether plans go to and fro; not asked once costs are averaged.
  mutating func note(change: Double, isCycling: @autoclosure () -> Bool) {
    if isActive {
      changes.append(change)
      guard let patience, changes.count >= patience, changes[changes.count - 1] > 0.5 * changes[0], change > 1e-2, kept < 0.99 else {
        return
      }
    } else if !isCycling() {
      return
    }
    kept = (1 + kept) / 2
    changes = []
  }

  /// Whether a plan is much nearer to the one before the last than to the last.
  static func isCycle(change: Double, changeOfTwo: Double) -> Bool { changeOfTwo < 0.1 * change }

  /// Whether F(π, γ) has come to rest while F(π, π) stays above it: a 2-cycle. Its two values may differ and drift; then neither has fallen
  /// in the last steps by a share of a wide gap.
  ///
  /// - Parameters:
  ///   - diagonal: F(πₖ, πₖ) of the steps so far.
  ///   - objectives: F(πₖ₊₁, πₖ) of the same steps.
  ///   - warmUp: steps that say nothing.
  static func isCycle(diagonal: [Double], objectives: [Double], after warmUp: Int) -> Bool {
    let count = objectives.count
    guard count > warmUp, count > 6 else { return false }
    let gap = diagonal[count - 1] - objectives[count - 1]
    let fall = abs(objectives[count - 2] - objectives[count - 1])
    if gap > 1e-4 * abs(diagonal[count - 1]), fall < 1e-3 * gap { return true }
    return gap > 1e-2 * abs(diagonal[count - 1]) && (1...4).allSatisfy { objectives[count - $0] > objectives[count - $0 - 2] - 1e-2 * gap }
  }
}

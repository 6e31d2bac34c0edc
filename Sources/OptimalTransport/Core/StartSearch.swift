/// A search over several starts of a nonconvex problem, of which the best solution is kept.
///
/// All multi-start solvers share this loop. The first start always gives a solution. Once the monitor has asked to
/// stop, no further start begins. A later solution replaces the best one only if it is better, so that the first of
/// equal solutions is kept.
///
///     let search = try StartSearch.over(10, monitor: monitor, by: \.value) { start, monitor throws(ProblemError) in
///       try solver(seed: start).solve(problem, monitor: monitor)
///     }
///     return search.answer
package struct StartSearch<Answer> {
  /// The caller's monitor, which may have stopped the search.
  package let watch: Watch
  /// The best solution, as its solver returned it.
  package private(set) var best: Answer
  /// The index of the start that gave the best solution, counted from 0.
  package private(set) var chosen = 0
  /// The value of each solution, in the order of the starts.
  package private(set) var values: [Double]
  private let value: (Answer) -> Double
  private let isBetter: (Answer, Answer) -> Bool

  /// Starts a search with the solution of its first start.
  ///
  /// - Parameters:
  ///   - first: the solution from the first start.
  ///   - watch: the caller's monitor.
  ///   - value: the value of a solution, to be minimized.
  ///   - isBetter: whether a new solution, the first argument, should replace the best one, the second argument.
  package init(
    _ first: Answer, watch: Watch, by value: @escaping (Answer) -> Double, isBetter: @escaping (Answer, Answer) -> Bool
  ) {
    best = first
    values = [value(first)]
    (self.watch, self.value, self.isBetter) = (watch, value, isBetter)
  }

  /// Starts a search in which a solution replaces the best one if its value is lower.
  ///
  /// - Parameters:
  ///   - first: the solution from the first start.
  ///   - watch: the caller's monitor.
  ///   - value: the value of a solution, to be minimized.
  ///   - margin: by how much the value must be lower, as a fraction of the best one.
  package init(_ first: Answer, watch: Watch, by value: @escaping (Answer) -> Double, margin: Double = 0) {
    self.init(first, watch: watch, by: value) { answer, best in
      margin > 0 ? value(answer) < value(best) - margin * abs(value(best)) : value(answer) < value(best)
    }
  }

  /// The highest minus the lowest value over the starts.
  package var spread: Double { (values.max() ?? 0) - (values.min() ?? 0) }

  /// Whether another start may begin.
  package var goesOn: Bool { !watch.hasStopped }

  /// Solves from another start unless the monitor has asked to stop.
  ///
  /// - Parameter solve: solves the problem under the given monitor; returns nil if there is no such start.
  /// - Throws: any error of `solve`.
  package mutating func attempt<Failure: Error>(_ solve: (Monitor?) throws(Failure) -> Answer?) throws(Failure) {
    guard goesOn, let answer = try solve(watch.monitor) else { return }
    if isBetter(answer, best) { (best, chosen) = (answer, values.count) }
    values.append(value(answer))
  }

  /// Solves from starts that are identified by their number, such as seeded ones.
  ///
  /// - Parameters:
  ///   - count: the number of starts, at least 1.
  ///   - monitor: observes all solves and may stop the search.
  ///   - value: the value of a solution, to be minimized.
  ///   - solve: solves from the start with the given number, counted from 0.
  /// - Returns: the search, with its best solution and all values.
  /// - Throws: any error of `solve`.
  package static func over<Failure: Error>(
    _ count: Int, monitor: Monitor? = nil, by value: @escaping (Answer) -> Double,
    solve: (_ start: Int, Monitor?) throws(Failure) -> Answer
  ) throws(Failure) -> StartSearch {
    precondition(count > 0, "at least one start is needed")
    let watch = Watch(monitor)
    var search = StartSearch(try solve(0, watch.monitor), watch: watch, by: value)
    for start in 1..<max(count, 1) { try search.attempt { monitor throws(Failure) in try solve(start, monitor) } }
    return search
  }
}

/// By what fraction the value from another start must be lower to exceed the effect of tolerances.
let startMargin = 1e-9

/// A solution that carries the status of its solver.
package protocol Interruptible {
  var status: Status { get set }
}

extension StartSearch where Answer: Interruptible {
  /// The best solution, with status `interrupted` if the monitor stopped the search.
  package var answer: Answer {
    var answer = best
    if watch.hasStopped { answer.status = .interrupted }
    return answer
  }
}

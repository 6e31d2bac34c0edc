/// Answers of a problem that is not convex from several starts, one after the other, of which the best is kept: the one loop over starts.
///
/// The first start gives an answer in any case. Once the monitor has said stop, no further start begins. An answer takes the place of the
/// best before it only where it is better, so that of equals the first is kept.
///
///     let search = try StartSearch.over(10, monitor: monitor, by: \.value) { start, monitor throws(ProblemError) in
///       try solver(seed: start).solve(problem, monitor: monitor)
///     }
///     return search.answer
package struct StartSearch<Answer> {
  /// The caller's monitor, which may have ended the search.
  package let watch: Watch
  /// As its solver returned it.
  package private(set) var best: Answer
  /// Which answer is the best, counted from 0.
  package private(set) var chosen = 0
  /// What each answer is judged by, in the order of the starts.
  package private(set) var values: [Double]
  private let value: (Answer) -> Double
  private let isBetter: (Answer, Answer) -> Bool

  /// - Parameters:
  ///   - first: the answer from the first start.
  ///   - value: what is to be low.
  ///   - isBetter: whether an answer, the first argument, is to take the place of the best before it.
  package init(
    _ first: Answer, watch: Watch, by value: @escaping (Answer) -> Double, isBetter: @escaping (Answer, Answer) -> Bool
  ) {
    best = first
    values = [value(first)]
    (self.watch, self.value, self.isBetter) = (watch, value, isBetter)
  }

  /// - Parameter margin: how much lower a better answer is, as a fraction of the best before it.
  package init(_ first: Answer, watch: Watch, by value: @escaping (Answer) -> Double, margin: Double = 0) {
    self.init(first, watch: watch, by: value) { answer, best in
      margin > 0 ? value(answer) < value(best) - margin * abs(value(best)) : value(answer) < value(best)
    }
  }

  /// The highest value less the lowest.
  package var spread: Double { (values.max() ?? 0) - (values.min() ?? 0) }

  /// Whether another start may begin.
  package var goesOn: Bool { !watch.hasStopped }

  /// Solves from another start unless the monitor has said stop.
  ///
  /// - Parameter solve: hands the monitor on; nil where there is no such start.
  package mutating func attempt<Failure: Error>(_ solve: (Monitor?) throws(Failure) -> Answer?) throws(Failure) {
    guard goesOn, let answer = try solve(watch.monitor) else { return }
    if isBetter(answer, best) { (best, chosen) = (answer, values.count) }
    values.append(value(answer))
  }

  /// Solves from starts that differ by their number alone, such as seeded ones.
  ///
  /// - Parameters:
  ///   - count: how many, at least 1.
  ///   - solve: from the start of a number, counted from 0.
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

/// How much lower the answer from another start is, as a fraction, where tolerances do not explain it.
let startMargin = 1e-9

/// An answer that says how its solver ended.
package protocol Interruptible {
  var status: Status { get set }
}

extension StartSearch where Answer: Interruptible {
  /// The best answer; `interrupted` where the monitor ended the search.
  package var answer: Answer {
    var answer = best
    if watch.hasStopped { answer.status = .interrupted }
    return answer
  }
}

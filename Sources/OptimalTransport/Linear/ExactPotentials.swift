import CKernels
import LinearAlgebra

/// The exact potentials f and g of the sources and sinks of a transport tree, and reduced costs C_ij − f_i − g_j
/// computed from them.
///
/// Each exact potential is accompanied by its double-precision value. If the rounding of a pair's three numbers
/// proves that its reduced cost is not negative, nothing else is computed; all other pairs are computed exactly.
/// Therefore a large cost hides no difference between small ones.
final class ExactPotentials {
  private let cost: Matrix
  private let format: FixedPoint
  private let sources: Int
  private let count: Int
  private let numbers: FixedPoint.Number
  /// The potentials in double precision; −∞ for a sink that pricing skips.
  let rounded: UnsafeMutablePointer<Double>
  /// The reduced cost by which potentials are shifted next, and scratch space for two other numbers.
  private let change: FixedPoint.Number
  private let trial: FixedPoint.Number

  init(cost: Matrix) {
    self.cost = cost
    sources = cost.rows
    count = cost.rows + cost.columns
    format = FixedPoint(costs: cost.elements, terms: count)
    numbers = .allocate(capacity: count * format.words)
    numbers.initialize(repeating: 0, count: count * format.words)
    rounded = .allocate(capacity: count)
    rounded.initialize(repeating: 0, count: sources)
    (rounded + sources).initialize(repeating: -.infinity, count: cost.columns)
    change = .allocate(capacity: format.words)
    change.initialize(repeating: 0, count: format.words)
    trial = .allocate(capacity: format.words)
    trial.initialize(repeating: 0, count: format.words)
  }

  deinit {
    numbers.deallocate()
    rounded.deallocate()
    change.deallocate()
    trial.deallocate()
  }

  @inline(__always)
  private func number(_ node: Int) -> FixedPoint.Number { numbers + node * format.words }

  private func settle(_ node: Int) { rounded[node] = format.double(number(node)) }

  /// Sets the potential of a node to 0.
  func root(_ node: Int) {
    number(node).update(repeating: 0, count: format.words)
    rounded[node] = 0
  }

  /// Sets the potential of a node so that the arc to its parent has reduced cost 0.
  func tighten(_ node: Int, to parent: Int) {
    let own = number(node)
    own.update(repeating: 0, count: format.words)
    format.add(node < sources ? cost[node, parent - sources] : cost[parent, node - sources], to: own)
    format.add(number(parent), to: own, isNegated: true)
    settle(node)
  }

  /// The exact reduced cost C_ij − f_i − g_j.
  @inline(__always)
  private func reduce(_ row: Int, _ column: Int, into result: FixedPoint.Number) {
    result.update(repeating: 0, count: format.words)
    format.add(cost[row, column], to: result)
    format.add(number(row), to: result, isNegated: true)
    format.add(number(sources + column), to: result, isNegated: true)
  }

  /// The column with the most negative reduced cost in a row, or nil; the reduced cost becomes the next shift.
  func entering(_ row: Int) -> Int? {
    var best: Int?
    forEachDoubtful(row) { column in
      reduce(row, column, into: trial)
      if format.isNegative(trial), best == nil || format.isLess(trial, than: change) {
        change.update(from: trial, count: format.words)
        best = column
      }
    }
    return best
  }

  /// The columns of a row whose reduced costs may be negative, judged in double precision.
  @inline(__always)
  private func forEachDoubtful(_ row: Int, _ body: (Int) -> Void) {
    let columns = cost.columns
    cost.withUnsafeElements { elements in
      let start = elements + row * columns
      var column = ck_next_doubtful(start, rounded + sources, rounded[row], columns, 0)
      while column < columns {
        body(column)
        column = ck_next_doubtful(start, rounded + sources, rounded[row], columns, column + 1)
      }
    }
  }

  /// Adds the shift to a potential, or subtracts it.
  @inline(__always)
  func shift(_ node: Int, isNegated: Bool) {
    format.add(change, to: number(node), isNegated: isNegated)
    settle(node)
  }

  /// Sets the potentials of points without mass to the largest feasible values.
  func finish(hasMass: (sources: [Bool], sinks: [Bool])) {
    let rows = (0..<sources).filter { hasMass.sources[$0] }
    for j in 0..<cost.columns where !hasMass.sinks[j] { rise(sources + j, over: rows.map { ($0, $0, j) }) }
    for i in 0..<sources where !hasMass.sources[i] { rise(i, over: (0..<cost.columns).map { (sources + $0, i, $0) }) }
  }

  /// The largest potential with f_i + g_j ≤ C_ij over the given partners; 0 if all of their pairs are forbidden.
  private func rise(_ node: Int, over partners: [(node: Int, row: Int, column: Int)]) {
    let own = number(node)
    own.update(repeating: 0, count: format.words)
    var isFirst = true
    for partner in partners where cost[partner.row, partner.column] < .infinity {
      trial.update(repeating: 0, count: format.words)
      format.add(cost[partner.row, partner.column], to: trial)
      format.add(number(partner.node), to: trial, isNegated: true)
      if isFirst || format.isLess(trial, than: own) { own.update(from: trial, count: format.words) }
      isFirst = false
    }
    settle(node)
  }

  /// Reduces the potentials of an optimal tree to the magnitude of the costs that the plan pays.
  ///
  /// Between the connected parts of the plan, tree arcs carry no flow and may have any cost or be forbidden. There
  /// the potentials can be shifted, f up and g down by one number per part, as long as they stay feasible. The shifts
  /// are the largest feasible ones that leave no part's first source above 0: shortest path lengths between the
  /// parts, by Dijkstra's algorithm with the reduced costs as lengths, in O(nm).
  ///
  /// - Parameter parts: the part of each source and then of each sink, counted from 0; nil for points without mass.
  func loosen(parts: [Int?]) {
    let count = (parts.compactMap { $0 }.max() ?? -1) + 1
    let words = format.words
    let moves = FixedPoint.Number.allocate(capacity: max(1, count) * words)
    moves.initialize(repeating: 0, count: max(1, count) * words)
    defer { moves.deallocate() }
    var (rows, columns) = ([[Int]](repeating: [], count: count), [[Int]](repeating: [], count: count))
    for (node, part) in parts.enumerated() {
      guard let part else { continue }
      if node < sources { rows[part].append(node) } else { columns[part].append(node - sources) }
    }
    for part in 0..<count {
      if let first = rows[part].first { format.add(number(first), to: moves + part * words, isNegated: true) }
    }
    var waiting = Array(0..<count)
    while let first = waiting.indices.min(by: {
      format.isLess(moves + waiting[$0] * words, than: moves + waiting[$1] * words)
    }) {
      let settled = waiting.remove(at: first)
      for part in waiting {
        let move = moves + part * words
        for i in rows[part] {
          for j in columns[settled] where cost[i, j] < .infinity {
            reduce(i, j, into: trial)
            format.add(moves + settled * words, to: trial)
            if format.isLess(trial, than: move) { move.update(from: trial, count: words) }
          }
        }
      }
    }
    for (node, part) in parts.enumerated() {
      guard let part else { continue }
      format.add(moves + part * words, to: number(node), isNegated: node >= sources)
      settle(node)
    }
  }

  /// The reduced costs C_ij − f_i − g_j, each rounded once; ∞ for forbidden pairs.
  var reducedCosts: Matrix {
    Matrix(rows: sources, columns: cost.columns) { i, j in
      if cost[i, j] == .infinity { return .infinity }
      reduce(i, j, into: trial)
      return format.double(trial)
    }
  }

  /// The largest magnitude of the potentials.
  var largest: Double { (0..<count).reduce(0) { rounded[$1] > -.infinity ? max($0, abs(rounded[$1])) : $0 } }

  /// The potentials, rounded to double precision.
  var doubles: Potentials {
    Potentials(source: (0..<sources).map { rounded[$0] }, target: (sources..<count).map { rounded[$0] })
  }

  /// The largest violation max(0, max f_i + g_j − C_ij) over all pairs.
  var violation: Double {
    var isViolated = false
    for row in 0..<sources {
      forEachDoubtful(row) { column in
        reduce(row, column, into: trial)
        guard format.isNegative(trial), !isViolated || format.isLess(trial, than: change) else { return }
        change.update(from: trial, count: format.words)
        isViolated = true
      }
    }
    return isViolated ? -format.double(change) : 0
  }

  /// |f_i + g_j − C_ij| of a pair.
  func slackness(_ row: Int, _ column: Int) -> Double {
    reduce(row, column, into: trial)
    return abs(format.double(trial))
  }

  /// The dual value Σ a_i f_i + Σ b_j g_j for a mass of 1, rounded once.
  func value(of masses: WholeMasses) -> Double {
    let words = format.words + 2
    var sum = [UInt64](repeating: 0, count: words)
    for (node, mass) in (masses.source + masses.target).enumerated() where mass > 0 {
      let isMinus = format.isNegative(number(node))
      let magnitude = change
      magnitude.update(from: number(node), count: format.words)
      if isMinus { format.negate(magnitude) }
      var (carry, overflow): (UInt64, UInt64) = (0, 0)
      for word in 0..<words {
        let product = word < format.words ? magnitude[word].multipliedFullWidth(by: UInt64(mass)) : (high: 0, low: 0)
        let (part, first) = product.low.addingReportingOverflow(carry)
        carry = product.high + (first ? 1 : 0)
        let (total, second) =
          isMinus ? sum[word].subtractingReportingOverflow(part) : sum[word].addingReportingOverflow(part)
        let (settled, third) =
          isMinus ? total.subtractingReportingOverflow(overflow) : total.addingReportingOverflow(overflow)
        sum[word] = settled
        overflow = second || third ? 1 : 0
      }
    }
    return Self.double(sum, exponent: format.lowest) / Double(masses.total)
  }

  private static func double(_ number: [UInt64], exponent: Int) -> Double {
    let isMinus = (number.last ?? 0) >> 63 == 1
    var (carry, result) = (isMinus, 0.0)
    for (word, bits) in number.enumerated() {
      var value = bits
      if isMinus { (value, carry) = (~bits).addingReportingOverflow(carry ? 1 : 0) }
      result += Double(sign: .plus, exponent: exponent + 64 * word, significand: Double(value))
    }
    return isMinus ? -result : result
  }
}

import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// What an answer must satisfy by the definition of its problem alone, computed in the plainest way.
///
/// Numbers are finite and masses not negative; where the answer says `converged`, marginals, values and first-order
/// conditions hold. A fault is a sentence.
struct Certificate {
  let conformance: any SolverConformance.Type
  let problem: AdversarialProblem
  let answer: SolverAnswer
  /// Plans and arrays of rank two by name.
  let matrices: [String: Matrix]

  init(_ answer: SolverAnswer, to problem: AdversarialProblem, of conformance: any SolverConformance.Type) {
    (self.answer, self.problem, self.conformance) = (answer, problem, conformance)
    var matrices: [String: Matrix] = [:]
    for (name, array) in answer.arrays where array.shape.count == 2 { matrices[name] = array.matrix }
    for (name, plan) in answer.plans {
      switch plan {
      case .full(let coupling): matrices[name] = coupling.plan
      case .sparse(let entries, let rows, let columns):
        var dense = Matrix(rows: rows, columns: columns)
        for entry in entries { dense[entry.row, entry.column] += entry.mass }
        matrices[name] = dense
      }
    }
    self.matrices = matrices
  }

  /// None where the answer stands.
  ///
  /// Where an oracle fails, nothing is known of the answer, and that is a fault.
  var faults: [String] {
    let always = unsound
    if !always.isEmpty || !isJudged { return always }
    do { return try conformance.faults(self) } catch { return ["the oracle fails: \(error)"] }
  }

  /// Whether the answer is held against the definition of its problem: it calls itself converged, and no weight is so
  /// small that double precision cannot divide by it.
  var isJudged: Bool {
    answer.isConverged
      && !problem.arrays.contains { $0.array.shape.count == 1 && $0.array.elements.contains { $0 > 0 && $0 < 1e-290 } }
  }

  /// What no answer may be, whatever it says of itself.
  private var unsound: [String] {
    var faults: [String] = []
    for (name, array) in answer.arrays where array.elements.contains(where: \.isNaN) {
      faults.append("\(name) holds NaN")
    }
    for (name, value) in answer.numbers where value.isNaN { faults.append("\(name) is NaN") }
    for (name, matrix) in matrices where answer.plans.contains(where: { $0.name == name }) || name.hasPrefix("plan") {
      let total = matrix.elements.reduce(0, +)
      if !matrix.elements.allSatisfy({ $0.isFinite && $0 >= -1e-12 * max(total, 1e-300) }) {
        faults.append("\(name) has an entry that is negative or not finite")
      }
    }
    if answer.isConverged, let value = number("value"), !value.isFinite {
      faults.append("it says converged with the value \(value)")
    }
    return faults
  }

  // What the problem holds, by name.

  func number(_ name: String) -> Double? { answer.numbers.first { $0.name == name }?.value }

  func vector(_ name: String) -> [Double]? { answer.arrays.first { $0.name == name }?.array.elements }

  func setting(_ key: String) -> String? {
    problem.settings.last { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  func numericSetting(_ key: String) -> Double? { setting(key).flatMap { $0 == ".inf" ? .infinity : Double($0) } }

  /// The weights of that name, rescaled as their solver does where single precision has rounded their sum; uniform ones
  /// when absent.
  func weights(_ name: String, _ count: Int) -> [Double] {
    guard let given = problem.array(name)?.elements else { return [Double](repeating: 1 / Double(count), count: count) }
    let sum = given.reduce(0, +)
    return abs(sum - 1) <= 1e-6 && conformance.isBalanced ? given.map { $0 / sum } : given
  }

  /// The weights of both sides of a balanced problem: where rounding to single precision has made their sums differ,
  /// the second is rescaled.
  func balancedWeights(_ rows: Int, _ columns: Int) -> ([Double], [Double]) {
    let (a, b) = (weights("a", rows), weights("b", columns))
    let (first, second) = (a.reduce(0, +), b.reduce(0, +))
    return abs(first - second) <= 1e-6 * first ? (a, b.map { $0 * (first / second) }) : (a, b)
  }

  func given(_ name: String) -> Matrix? { problem.array(name)?.matrix }

  /// The cost C, or that between the points X and Y.
  func cost(isSquaredByDefault: Bool = true) -> Matrix? {
    if let cost = given("C") { return cost }
    guard let x = given("X"), let y = given("Y") else { return nil }
    return Self.distances(x, y, isSquared: isSquared(byDefault: isSquaredByDefault))
  }

  /// The power of the distance that is the cost between points.
  var exponent: Double { numericSetting("exponent") ?? (isSquared(byDefault: true) ? 2 : 1) }

  /// The cost C, or the power of the distances between the points X and Y.
  func costOfPower() -> Matrix? {
    guard given("C") == nil, let x = given("X"), let y = given("Y") else { return given("C") }
    if exponent == 2 { return Self.distances(x, y, isSquared: true) }
    return Self.distances(x, y, isSquared: false).map { pow($0, exponent) }
  }

  /// The distances D of a space, or those between its points.
  func space(_ distances: String, _ points: String) -> Matrix? {
    given(distances) ?? given(points).map { Self.distances($0, $0, isSquared: isSquared(byDefault: false)) }
  }

  func isSquared(byDefault: Bool) -> Bool { setting("metric").map { $0 == "squared-euclidean" } ?? byDefault }

  static func distances(_ x: Matrix, _ y: Matrix, isSquared: Bool) -> Matrix {
    Matrix(rows: x.rows, columns: y.rows) { i, j in
      if !isSquared, x.columns == 1 { return abs(x[i, 0] - y[j, 0]) }
      let square = (0..<x.columns).reduce(0) { $0 + (x[i, $1] - y[j, $1]) * (x[i, $1] - y[j, $1]) }
      return isSquared ? square : square.squareRoot()
    }
  }

  /// Sentences where a plan's marginals are not the weights, by more than a share of their mass.
  func missed(_ plan: Matrix, _ a: [Double], _ b: [Double], by tolerance: Double = 1e-6) -> [String] {
    missed("rows", plan.rowSums, a, by: tolerance) + missed("columns", plan.columnSums, b, by: tolerance)
  }

  /// The same of one side.
  func missed(_ side: String, _ sums: [Double], _ weights: [Double], by tolerance: Double = 1e-6) -> [String] {
    if sums.count != weights.count {
      return ["the plan has \(sums.count) \(side), but there are \(weights.count) weights"]
    }
    let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / weights.reduce(0, +)
    return error < tolerance ? [] : ["it says converged, but the \(side) are missed by \(error) of the mass"]
  }

  /// The square of the largest number that the problem's tables hold, costs aside, which nobody squares: rounding in
  /// their products and squares cannot be told from zero.
  var square: Double {
    let tables = problem.arrays.filter {
      $0.array.shape.count > 1 && !["A", "C", "M", "MP", "MQ", "E1", "E2"].contains($0.name)
    }
    let largest = tables.flatMap(\.array.elements).reduce(0) { max($0, abs($1)) }
    return largest * largest
  }

  /// A sentence where a value is not what its definition gives, by more than a share of its scale or than rounding
  /// explains.
  ///
  /// `rounded` is what the value is a difference of.
  func differs(_ name: String, from expected: Double, scale: Double, by tolerance: Double = 1e-7, rounded: Double = 0)
    -> [String]
  {
    guard let value = number(name) else { return ["\(name) is missing"] }
    return abs(value - expected) <= tolerance * scale + 1e-13 * rounded + 1e-290
      ? [] : ["\(name) is \(value), by its definition \(expected)"]
  }

  func dot(_ x: Matrix, _ y: Matrix) -> Double { paired(x.elements, y.elements) }

  /// Σ x y, where 0 · ∞ is 0.
  func paired(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + ($1.0 == 0 || $1.1 == 0 ? 0 : $1.0 * $1.1) }
  }

  /// The largest finite element.
  static func largest(_ matrix: Matrix) -> Double {
    matrix.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 }
  }
}

import LinearAlgebra

/// A reason why data do not form a transport problem, or why a parameter does not fit a solver.
public enum ProblemError: Error, Equatable, CustomStringConvertible, Sendable {
  /// `name` has no elements.
  case empty(name: String)
  /// `name` has a different shape from what the other inputs require.
  case shape(name: String, found: String, expected: String)
  /// `name` has a NaN or infinite element.
  case nonFinite(name: String, place: String, value: Double, allowed: String = "only finite numbers are")
  /// `name` has an element whose magnitude would overflow in the computation.
  case tooLarge(name: String, place: String, value: Double, limit: Double)
  /// `name` is not symmetric.
  case asymmetric(name: String, row: Int, column: Int, value: Double, mirrored: Double)
  /// A weight is negative.
  case negativeWeight(name: String, index: Int, value: Double)
  /// All weights are zero.
  case zeroMass(name: String)
  /// A balanced problem was given two different total masses.
  case massMismatch(source: Double, target: Double)
  /// `name` needs more memory than is available; `shortfall` states both amounts.
  case memory(name: String, shortfall: String)
  /// Every plan puts mass on forbidden pairs.
  case infeasible(reason: String)
  /// A parameter of a solver is out of range.
  case parameter(name: String, found: String, expected: String)

  /// One sentence that states the problem, with the values and positions involved.
  public var description: String {
    switch self {
    case .empty(let name):
      "\(name) is empty; at least one point is needed"
    case .shape(let name, let found, let expected):
      "\(name) has \(found), but \(expected) was expected"
    case .nonFinite(let name, let place, let value, let allowed):
      "\(name) holds \(value) at \(place); \(allowed) allowed"
    case .tooLarge(let name, let place, let value, let limit):
      "\(name) holds \(value) at \(place), which is too large; a magnitude of at most \(limit) was expected"
    case .asymmetric(let name, let row, let column, let value, let mirrored):
      """
      \(name) is not symmetric: element (\(row), \(column)) is \(value), but element (\(column), \(row)) is \(mirrored)
      """
    case .negativeWeight(let name, let index, let value):
      "\(name) holds the negative weight \(value) at index \(index)"
    case .zeroMass(let name):
      "\(name) has no mass: all its weights are zero"
    case .massMismatch(let source, let target):
      "the source weights sum to \(source) and the target weights to \(target), but balanced transport needs equal sums"
    case .memory(let name, let shortfall):
      "\(name) needs \(shortfall)"
    case .infeasible(let reason):
      "no plan has a finite cost: \(reason)"
    case .parameter(let name, let found, let expected):
      "\(name) is \(found), but \(expected) was expected"
    }
  }
}

extension ProblemError {
  /// Checks, before any allocation, that there is memory for this many 8-byte numbers.
  package static func validate(numbers: Double, named name: String) throws(ProblemError) {
    if let shortfall = MachineMemory.shortfall(bytes: 8 * numbers) { throw .memory(name: name, shortfall: shortfall) }
  }

  /// Checks that there is memory for this many matrices of the given size.
  package static func validate(matrices count: Double, rows: Int, columns: Int, named name: String) throws(ProblemError)
  {
    try validate(numbers: count * Double(rows) * Double(columns), named: "\(name) of \(rows)×\(columns) numbers")
  }

  /// Checks that the elements of a matrix are finite and no larger than `limit` in magnitude.
  package static func validate(_ matrix: Matrix, named name: String, atMost limit: Double) throws(ProblemError) {
    guard let index = matrix.elements.firstIndex(where: { !(abs($0) <= limit) }) else { return }
    let place = "(\(index / matrix.columns), \(index % matrix.columns))"
    let value = matrix.elements[index]
    throw value.isFinite
      ? .tooLarge(name: name, place: place, value: value, limit: limit)
      : .nonFinite(name: name, place: place, value: value)
  }

  /// Checks that the elements of a cost are at most `limit` in magnitude, or +∞ for forbidden pairs.
  package static func validate(cost: Matrix, named name: String, atMost limit: Double) throws(ProblemError) {
    guard let index = cost.elements.firstIndex(where: { !(abs($0) <= limit || $0 == .infinity) }) else { return }
    let place = "(\(index / cost.columns), \(index % cost.columns))"
    let value = cost.elements[index]
    throw value.isFinite
      ? .tooLarge(name: name, place: place, value: value, limit: limit)
      : .nonFinite(
        name: name, place: place, value: value, allowed: "only finite numbers and, for forbidden pairs, +inf are")
  }

  /// Checks that the squares of the elements of a matrix do not all underflow.
  package static func validate(_ matrix: Matrix, named name: String, largestAtLeast limit: Double) throws(ProblemError)
  {
    let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
    if largest > 0, largest < limit {
      throw .parameter(
        name: "the largest magnitude in \(name)", found: "\(largest)",
        expected: "0, or at least \(limit) so that squares do not underflow,"
      )
    }
  }

  /// Checks that weights are finite, not negative, and not all zero.
  package static func validate(weights: [Double], named name: String) throws(ProblemError) {
    if weights.isEmpty { throw .empty(name: name) }
    for (index, weight) in weights.enumerated() {
      if !weight.isFinite { throw .nonFinite(name: name, place: "index \(index)", value: weight) }
      if weight < 0 { throw .negativeWeight(name: name, index: index, value: weight) }
    }
    if !weights.contains(where: { $0 > 0 }) { throw .zeroMass(name: name) }
  }

  /// Checks that two total masses agree to a relative 1e-9, the accuracy of sums of measured weights.
  package static func validate(massOf source: Double, equals target: Double) throws(ProblemError) {
    if abs(source - target) > 1e-9 * max(source, target) { throw .massMismatch(source: source, target: target) }
  }

  /// Checks that masses can be multiplied with each other and with costs without overflow or underflow.
  package static func validate(masses: [[Double]]) throws(ProblemError) {
    for weights in masses {
      let mass = compensatedSum(weights)
      if !(1e-100...1e100).contains(mass) {
        throw .parameter(name: "the sum of weights", found: "\(mass)", expected: "a mass between 1e-100 and 1e100")
      }
    }
  }

  /// Checks that the entries of a plan are finite; they overflow if ε is far below the rounding error of the costs.
  package static func validate(plan: Matrix) throws(ProblemError) {
    if plan.firstNonFinite == nil { return }
    throw .parameter(
      name: "the largest entry of the plan", found: "too large for double precision",
      expected: "a finite value (with ε and ρ closer to the magnitude of the costs)")
  }

  /// Checks that a parameter is positive and can be squared and multiplied with masses without overflow or underflow.
  package static func validate(positive value: Double, named name: String) throws(ProblemError) {
    if !(1e-100...1e100).contains(value) {
      throw .parameter(name: name, found: "\(value)", expected: "a positive number between 1e-100 and 1e100")
    }
  }

  /// Checks the shape of a matrix.
  static func validate(_ matrix: Matrix, named name: String, rows: Int, columns: Int) throws(ProblemError) {
    if matrix.rows != rows || matrix.columns != columns {
      throw .shape(name: name, found: "\(matrix.rows)×\(matrix.columns) elements", expected: "\(rows)×\(columns)")
    }
  }

  /// Checks that an initial plan is n×m, with finite nonnegative entries that are not all zero.
  static func validate(start plan: Matrix, rows: Int, columns: Int) throws(ProblemError) {
    try validate(plan, named: "the start", rows: rows, columns: columns)
    try validate(plan, named: "the start", atMost: largestCost)
    let least = plan.elements.min() ?? 0
    if least < 0 {
      throw .parameter(
        name: "the smallest element of the start", found: "\(least)", expected: "a number that is not negative")
    }
    if !plan.elements.contains(where: { $0 > 0 }) { throw .zeroMass(name: "the start") }
  }
}

/// The largest magnitude of costs that can be summed, scaled by masses, and divided by ε without overflow.
let largestCost = 1e150

import Documents
import LinearAlgebra
import OptimalTransport

/// The arrays of one problem, asked for by name.
public struct ProblemInputs {
  private let files: any NamedArrays
  /// What was read for its shape alone.
  private final class Arrays { var kept: [String: (array: NumericArray, place: String)] = [:] }
  private let arrays = Arrays()
  private let known: [InputDescription]
  private let solver: String
  /// Weights that stand for those in the files.
  private var settled: [String: [Double]] = [:]

  /// - Parameter allowsOthers: passes over arrays that the solver does not know.
  /// - Throws: `InputError` when there is an array that the solver does not know.
  init(_ files: any NamedArrays, of solver: any SolverDescription.Type, allowsOthers: Bool) throws {
    self.files = files
    known = solver.inputs
    self.solver = solver.name
    if allowsOthers { return }
    let names = known.map(\.name)
    for name in files.names where !names.contains(name) {
      if name == "lambda", names.contains("weights") {
        throw InputError(place: files.description, problem: "the input 'lambda' is now 'weights'")
      }
      let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw InputError(
        place: files.description,
        problem: "\(solver.name) knows no input '\(name)'\(hint); it reads \(names.joined(separator: ", ")), and there are "
          + "\(files.names.joined(separator: ", ")) (--other-inputs passes over what is not known)")
    }
  }

  func contains(_ name: String) -> Bool { files.contains(name) }

  /// Tells the user, on standard error and in the summary, what was taken for granted about the data or done to them.
  func note(_ sentence: String) { files.note(sentence) }

  /// The option that gives a setting, for sentences.
  func option(_ setting: String) -> String { files.option(setting) }

  /// The sentence for an input that must be there.
  func missing(_ what: String) -> InputError {
    let found = files.names.isEmpty ? "no arrays were given" : "there are \(files.names.joined(separator: ", "))"
    return InputError(place: files.description, problem: "\(solver) needs \(what), but \(found)")
  }

  /// The shape of an input; nil when it is not there. The array is kept for its first reader.
  func shape(of name: String) throws -> [Int]? {
    if arrays.kept[name] == nil { arrays.kept[name] = try files.read(name) }
    return arrays.kept[name]?.array.shape
  }

  private func read(_ name: String) throws -> (array: NumericArray, place: String)? {
    try arrays.kept.removeValue(forKey: name) ?? files.read(name)
  }

  func matrix(_ name: String) throws -> Matrix? {
    guard let (array, place) = try read(name) else { return nil }
    guard array.shape.count == 2 else {
      throw InputError(place: place, problem: "'\(name)' is \(array.shapeText), but a matrix (\(shape(name))) was expected")
    }
    return try finite(array.matrix, name, place)
  }

  func requiredMatrix(_ name: String) throws -> Matrix {
    guard let matrix = try matrix(name) else { throw missing("\(name) (\(shape(name)))") }
    return matrix
  }

  /// Points by rows; a vector is points with one coordinate.
  func points(_ name: String) throws -> Matrix? {
    guard let (array, place) = try read(name) else { return nil }
    guard (1...2).contains(array.shape.count) else {
      throw InputError(place: place, problem: "'\(name)' is \(array.shapeText), but points by rows (\(shape(name))) were expected")
    }
    return try finite(array.matrix, name, place)
  }

  /// The matrices in which +inf says something, that a pair is forbidden; their solvers look at them.
  private static let mayHoldInfinity: Set = ["C", "M"]

  /// A point at infinity would make costs that forbid all of its pairs.
  private func finite(_ matrix: Matrix, _ name: String, _ place: String) throws -> Matrix {
    guard !Self.mayHoldInfinity.contains(name), let (row, column) = matrix.firstNonFinite else { return matrix }
    throw InputError(
      place: place, problem: "'\(name)' holds \(matrix[row, column]) at (\(row), \(column)); only finite numbers are allowed")
  }

  /// A vector; a matrix with one row or column counts as one, and an empty one is taken for absent.
  func vector(_ name: String) throws -> [Double]? {
    if let weights = settled[name] { return weights }
    guard let (array, place) = try read(name) else { return nil }
    guard array.shape.filter({ $0 != 1 }).count <= 1 else {
      throw InputError(place: place, problem: "'\(name)' is \(array.shapeText), but a vector (\(shape(name))) was expected")
    }
    return array.elements.isEmpty ? nil : array.elements
  }

  /// These inputs with weights whose sums are what a balanced problem asks for.
  ///
  /// Weights in single precision miss their sum by their rounding, which is made good: sums near 1 become 1, and sums near the first one that sum. What
  /// differs by more than 1e-6 is left as it is, for the solver to refuse.
  ///
  /// - Parameters:
  ///   - balanced: the weights that are to have one sum.
  ///   - isNormalized: divides each by its sum, whatever that is.
  func settling(_ balanced: BalancedWeights, isNormalized: Bool) throws -> ProblemInputs {
    var result = self
    var common = try balanced.isUniformWhenAbsent && balanced.names.contains { try vector($0) == nil } ? 1.0 : nil
    for name in balanced.names {
      guard let weights = try vector(name) else { continue }
      let sum = compensatedSum(weights)
      guard sum > 0, sum.isFinite else { continue }
      let wanted = isNormalized || Self.differsByRounding(sum, from: 1) ? 1 : common ?? sum
      common = common ?? wanted
      if isNormalized {
        result.settled[name] = weights.map { $0 / sum }
      } else if Self.differsByRounding(sum, from: wanted) {
        result.settled[name] = weights.map { $0 * (wanted / sum) }
        note("the weights '\(name)' sum to \(sum) and were rescaled to \(wanted)")
      }
    }
    return result
  }

  /// By more than the solvers let pass, and no more than single precision explains.
  private static func differsByRounding(_ sum: Double, from wanted: Double) -> Bool {
    let difference = abs(sum - wanted) / wanted
    return difference > 1e-9 && difference <= 1e-6
  }

  func array(_ name: String) throws -> (array: NumericArray, place: String)? { try read(name) }

  private func shape(_ name: String) -> String { known.first { $0.name == name }?.shape ?? "" }
}

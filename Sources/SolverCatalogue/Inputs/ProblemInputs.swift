import Documents
import LinearAlgebra
import OptimalTransport

/// The input arrays of one problem, read by name.
public struct ProblemInputs {
  private let files: any NamedArrays
  /// Arrays that were read for their shape and are kept for their first reader.
  private final class Arrays { var kept: [String: (array: NumericArray, place: String)] = [:] }
  private let arrays = Arrays()
  private let known: [InputDescription]
  private let solver: String
  /// Weights that replace those in the files.
  private var settled: [String: [Double]] = [:]

  /// Checks the names of the arrays.
  ///
  /// - Parameters:
  ///   - files: the arrays.
  ///   - solver: the solver that reads them.
  ///   - allowsOthers: ignores arrays that the solver does not read.
  /// - Throws: `InputError` if there is an array that the solver does not read and `allowsOthers` is false.
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
        problem:
          "\(solver.name) has no input '\(name)'\(hint); it reads \(names.joined(separator: ", ")), and there are "
          + "\(files.names.joined(separator: ", ")) (--other-inputs ignores unknown inputs)")
    }
  }

  func contains(_ name: String) -> Bool { files.contains(name) }

  /// Records a sentence for the user about an assumption on the data or a change to them.
  ///
  /// It is printed to standard error and stored in the summary.
  func note(_ sentence: String) { files.note(sentence) }

  /// The option that sets a setting, for use in messages.
  func option(_ setting: String) -> String { files.option(setting) }

  /// The error for a required input that is absent.
  func missing(_ what: String) -> InputError {
    let found = files.names.isEmpty ? "no arrays were given" : "there are \(files.names.joined(separator: ", "))"
    return InputError(place: files.description, problem: "\(solver) needs \(what), but \(found)")
  }

  /// The shape of an input; nil if the input is absent.
  ///
  /// The array is kept for its first reader.
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
      throw InputError(
        place: place, problem: "'\(name)' is \(array.shapeText), but a matrix (\(shape(name))) was expected")
    }
    return try finite(array.matrix, name, place)
  }

  func requiredMatrix(_ name: String) throws -> Matrix {
    guard let matrix = try matrix(name) else { throw missing("\(name) (\(shape(name)))") }
    return matrix
  }

  /// Reads points, one per row; a vector is read as points with one coordinate.
  func points(_ name: String) throws -> Matrix? {
    guard let (array, place) = try read(name) else { return nil }
    guard (1...2).contains(array.shape.count) else {
      throw InputError(
        place: place, problem: "'\(name)' is \(array.shapeText), but points as rows (\(shape(name))) were expected")
    }
    return try finite(array.matrix, name, place)
  }

  /// The matrices that may hold +inf, which forbids a pair; their solvers check them.
  private static let mayHoldInfinity: Set = ["C", "M"]

  /// Refuses infinite values: a point at infinity would silently forbid all of its pairs.
  private func finite(_ matrix: Matrix, _ name: String, _ place: String) throws -> Matrix {
    guard !Self.mayHoldInfinity.contains(name), let (row, column) = matrix.firstNonFinite else { return matrix }
    throw InputError(
      place: place,
      problem: "'\(name)' holds \(matrix[row, column]) at (\(row), \(column)); only finite numbers are allowed")
  }

  /// Reads a vector; a matrix with one row or column counts as a vector, and an empty array as absent.
  func vector(_ name: String) throws -> [Double]? {
    if let weights = settled[name] { return weights }
    guard let (array, place) = try read(name) else { return nil }
    guard array.shape.filter({ $0 != 1 }).count <= 1 else {
      throw InputError(
        place: place, problem: "'\(name)' is \(array.shapeText), but a vector (\(shape(name))) was expected")
    }
    return array.elements.isEmpty ? nil : array.elements
  }

  /// Returns these inputs with weights whose sums are made equal, as a balanced problem requires.
  ///
  /// Weights in single precision miss their sum by rounding. Sums near 1 are rescaled to 1, and sums near the first
  /// vector's sum to that sum. Differences above 1e-6 are left for the solver to refuse.
  ///
  /// - Parameters:
  ///   - balanced: the names of the weights that must have equal sums.
  ///   - isNormalized: whether every vector is divided by its sum.
  /// - Returns: the inputs with the rescaled weights.
  /// - Throws: an error if a vector of weights cannot be read.
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

  /// Whether a sum differs by more than the solvers tolerate, but by no more than single-precision rounding explains.
  private static func differsByRounding(_ sum: Double, from wanted: Double) -> Bool {
    let difference = abs(sum - wanted) / wanted
    return difference > 1e-9 && difference <= 1e-6
  }

  func array(_ name: String) throws -> (array: NumericArray, place: String)? { try read(name) }

  private func shape(_ name: String) -> String { known.first { $0.name == name }?.shape ?? "" }
}

import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

/// An array that a solver reads, as `otlab solve --list` documents it.
public struct InputDescription: Sendable {
  public let name: String
  /// As in `n×m`.
  public let shape: String
  public let about: String

  init(_ name: String, _ shape: String, _ about: String) {
    self.name = name
    self.shape = shape
    self.about = about
  }
}

/// The arrays of one problem, asked for by name.
public struct ProblemInputs {
  private let files: InputFiles
  /// What was read for its shape alone.
  private final class Arrays { var kept: [String: (array: NumericArray, place: String)] = [:] }
  private let arrays = Arrays()
  private let known: [InputDescription]
  private let solver: String

  /// - Parameter allowsOthers: passes over arrays that the solver does not know.
  /// - Throws: `DataError` when there is an array that the solver does not know.
  init(_ files: InputFiles, of solver: SolverEntry, allowsOthers: Bool) throws {
    self.files = files
    known = solver.inputs
    self.solver = solver.name
    if allowsOthers { return }
    let names = known.map(\.name)
    for name in files.names where !names.contains(name) {
      let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw DataError(
        .unfit, path: files.description,
        problem: "\(solver.name) knows no input '\(name)'\(hint); it reads \(names.joined(separator: ", ")), and there are "
          + "\(files.names.joined(separator: ", ")) (--other-inputs passes over what is not known)")
    }
  }

  func contains(_ name: String) -> Bool { files.contains(name) }

  /// Tells the user, on standard error and in the summary, what was taken for granted about the data or done to them.
  func note(_ sentence: String) { files.notes.add(sentence) }

  /// The sentence for an input that must be there.
  func missing(_ what: String) -> DataError {
    let found = files.names.isEmpty ? "no arrays were given" : "there are \(files.names.joined(separator: ", "))"
    return DataError(.unfit, path: files.description, problem: "\(solver) needs \(what), but \(found)")
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
      throw DataError(.unfit, path: place, problem: "'\(name)' is \(array.shapeText), but a matrix (\(shape(name))) was expected")
    }
    return array.matrix
  }

  func requiredMatrix(_ name: String) throws -> Matrix {
    guard let matrix = try matrix(name) else { throw missing("\(name) (\(shape(name)))") }
    return matrix
  }

  /// Points by rows; a vector is points with one coordinate.
  func points(_ name: String) throws -> Matrix? {
    guard let (array, place) = try read(name) else { return nil }
    guard (1...2).contains(array.shape.count) else {
      throw DataError(.unfit, path: place, problem: "'\(name)' is \(array.shapeText), but points by rows (\(shape(name))) were expected")
    }
    return array.matrix
  }

  /// A vector; a matrix with one row or column counts as one.
  func vector(_ name: String) throws -> [Double]? {
    guard let (array, place) = try read(name) else { return nil }
    guard array.shape.filter({ $0 != 1 }).count <= 1 else {
      throw DataError(.unfit, path: place, problem: "'\(name)' is \(array.shapeText), but a vector (\(shape(name))) was expected")
    }
    return array.elements
  }

  func array(_ name: String) throws -> (array: NumericArray, place: String)? { try read(name) }

  private func shape(_ name: String) -> String { known.first { $0.name == name }?.shape ?? "" }
}

import Datasets
import Documents
import Foundation
import LinearAlgebra
import SolverCatalogue

/// The arrays that a user passes to a solver: files of named arrays (`problem.h5`) and single arrays (`C=cost.npy`,
/// `C=all.h5:distances`).
public struct InputFiles {
  private struct Origin {
    let file: ArrayFile
    /// The name of the array in its file; nil if it has none.
    let name: String?
  }

  private var origins: [(name: String, origin: Origin)] = []
  private let arguments: [String]
  /// The assumptions made while reading; solvers add their own.
  public let notes: Notes

  /// Opens the files of `--input` options.
  ///
  /// - Parameters:
  ///   - arguments: the values of the options.
  ///   - notes: collects the assumptions made while reading.
  /// - Throws: `DataError` if a file cannot be opened, `DocumentError` if a value makes no sense or a name is given
  ///   twice.
  public init(_ arguments: [String], notes: Notes = Notes()) throws {
    self.arguments = arguments
    self.notes = notes
    for argument in arguments {
      for (name, origin) in try Self.origins(of: argument, notes) {
        if let earlier = origins.first(where: { $0.name == name }) {
          throw DocumentError(
            place: .option("--input \(argument)"), problem: "'\(name)' is already given by \(earlier.origin.file.path)")
        }
        origins.append((name, origin))
      }
    }
  }

  private static func origins(of argument: String, _ notes: Notes) throws -> [(String, Origin)] {
    if argument.isEmpty { throw DocumentError(place: .option("--input"), problem: "is empty, but a file was expected") }
    guard let equals = argument.firstIndex(of: "="), !FileManager.default.fileExists(atPath: argument) else {
      let file = ArrayFile(argument)
      guard file.isContainer else {
        _ = try file.read(nil, notes)
        throw DocumentError(
          place: .option("--input \(argument)"),
          problem: "arrays in this file have no names; NAME=\(argument) was expected")
      }
      return try file.names().map { ($0, Origin(file: file, name: $0)) }
    }
    let name = String(argument[..<equals])
    let (path, dataset) = try split(String(argument[argument.index(after: equals)...]))
    if name.isEmpty || path.isEmpty {
      throw DocumentError(
        place: .option("--input \(argument)"), problem: "a name and a file were expected, as in C=cost.npy")
    }
    return [(name, Origin(file: ArrayFile(path), name: dataset))]
  }

  /// Splits `file.h5:dataset`, unless there is a file with that whole name; throws `DataError` if the file's arrays
  /// have no names.
  static func split(_ argument: String) throws(DataError) -> (path: String, dataset: String?) {
    guard !FileManager.default.fileExists(atPath: argument), let colon = argument.lastIndex(of: ":") else {
      return (argument, nil)
    }
    let (path, dataset) = (String(argument[..<colon]), String(argument[argument.index(after: colon)...]))
    let file = ArrayFile(path)
    if FileManager.default.fileExists(atPath: path), !file.isContainer {
      // Its extension may be unknown, which is the more important problem.
      _ = try file.read(nil, Notes())
      throw DataError(
        .unfit, path: path, problem: "holds a single array without a name, but '\(dataset)' was asked for")
    }
    return (path, dataset)
  }

  /// The names of all arrays.
  public var names: [String] { origins.map(\.name) }

  /// The beginning of errors about all inputs.
  public var description: String { arguments.joined(separator: ", ") }

  /// The paths of the files.
  public var paths: [String] { origins.map(\.origin.file.path) }

  /// Returns the file of an argument that names one of its arrays.
  public static func path(of argument: String) -> String { (try? split(argument))?.path ?? argument }

  /// Returns an array with its place, or nil if it was not given.
  public func read(_ name: String) throws -> (array: NumericArray, place: String)? {
    guard let origin = origins.first(where: { $0.name == name })?.origin else { return nil }
    let suffix = origin.name.map { ", dataset '\($0)'" } ?? ""
    return (try origin.file.read(origin.name, notes), origin.file.path + suffix)
  }
}

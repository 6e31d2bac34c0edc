import Datasets
import Documents
import Foundation
import LinearAlgebra
import SolverCatalogue

/// The arrays that a user gives a solver: whole files of named arrays (`problem.h5`), and single arrays by name (`C=cost.npy`,
/// `C=all.h5:distances`).
public struct InputFiles {
  private struct Origin {
    let file: ArrayFile
    /// What the array is called there; nil when it has no name.
    let name: String?
  }

  private var origins: [(name: String, origin: Origin)] = []
  private let arguments: [String]
  /// What was taken for granted while reading; solvers add theirs.
  public let notes: Notes

  /// - Parameter notes: is told what was taken for granted.
  /// - Throws: `DataError` when a file cannot be opened; `DocumentError` when an argument makes no sense or a name is given twice.
  public init(_ arguments: [String], notes: Notes = Notes()) throws {
    self.arguments = arguments
    self.notes = notes
    for argument in arguments {
      for (name, origin) in try Self.origins(of: argument, notes) {
        if let earlier = origins.first(where: { $0.name == name }) {
          throw DocumentError(
            place: .option("--input \(argument)"), problem: "'\(name)' was given before, in \(earlier.origin.file.path)")
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
          place: .option("--input \(argument)"), problem: "arrays in this file have no names; NAME=\(argument) was expected")
      }
      return try file.names().map { ($0, Origin(file: file, name: $0)) }
    }
    let name = String(argument[..<equals])
    let (path, dataset) = try split(String(argument[argument.index(after: equals)...]))
    if name.isEmpty || path.isEmpty {
      throw DocumentError(place: .option("--input \(argument)"), problem: "a name and a file were expected, as in C=cost.npy")
    }
    return [(name, Origin(file: ArrayFile(path), name: dataset))]
  }

  /// `file.h5:dataset` as file and dataset, unless there is a file of that whole name.
  ///
  /// - Throws: `DataError` when the file is of a kind whose arrays have no names.
  static func split(_ argument: String) throws(DataError) -> (path: String, dataset: String?) {
    guard !FileManager.default.fileExists(atPath: argument), let colon = argument.lastIndex(of: ":") else { return (argument, nil) }
    let (path, dataset) = (String(argument[..<colon]), String(argument[argument.index(after: colon)...]))
    let file = ArrayFile(path)
    if FileManager.default.fileExists(atPath: path), !file.isContainer {
      // Its ending may be unknown, which is the first thing to be said.
      _ = try file.read(nil, Notes())
      throw DataError(.unfit, path: path, problem: "holds one array without a name, but '\(dataset)' in it was asked for")
    }
    return (path, dataset)
  }

  /// The names that were found.
  public var names: [String] { origins.map(\.name) }

  /// What errors about all inputs begin with.
  public var description: String { arguments.joined(separator: ", ") }

  /// The files themselves.
  public var paths: [String] { origins.map(\.origin.file.path) }

  /// The file of an argument that names one array of it.
  public static func path(of argument: String) -> String { (try? split(argument))?.path ?? argument }

  /// The array of a name and where it lies; nil when it was not given.
  public func read(_ name: String) throws -> (array: NumericArray, place: String)? {
    guard let origin = origins.first(where: { $0.name == name })?.origin else { return nil }
    let suffix = origin.name.map { ", dataset '\($0)'" } ?? ""
    return (try origin.file.read(origin.name, notes), origin.file.path + suffix)
  }
}

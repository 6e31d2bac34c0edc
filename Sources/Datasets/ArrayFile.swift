import LinearAlgebra

/// A file of numbers, which holds several named arrays (HDF5, NPZ) or a single unnamed one.
public struct ArrayFile: Sendable {
  /// The path of the file; its extension decides how it is read.
  public let path: String

  /// Creates a description of a file without opening it.
  public init(_ path: String) { self.path = path }

  private static let hdf5 = ["h5", "hdf5", "h5ad", "h5mu", "loom"]

  private var ending: String { path.split(separator: ".").last.map { $0.lowercased() } ?? "" }

  /// Whether the arrays in the file have names.
  public var isContainer: Bool { Self.hdf5.contains(ending) || ending == "npz" }

  /// Returns the names of the arrays, or none if the file holds a single unnamed array.
  public func names() throws(DataError) -> [String] {
    switch ending {
    case "npz": try NPZ.names(in: path)
    case let ending where Self.hdf5.contains(ending): try HDF5.datasets(in: path)
    default: []
    }
  }

  /// Whether the file is an AnnData file, in which the array `X` is the default.
  public var isAnnData: Bool { ending == "h5ad" }

  /// Lists the arrays with their shapes and types in a few words.
  ///
  /// - Parameter notes: collects the assumptions made while reading.
  /// - Returns: The name and description of each array; none if the file holds a single unnamed array.
  /// - Throws: `DataError` if the file is unreadable.
  public func contents(_ notes: Notes) throws(DataError) -> [(name: String, about: String)] {
    if ending != "npz" { return isContainer ? try HDF5.contents(of: path) : [] }
    return try names().map { name throws(DataError) in
      do throws(DataError) { return (name, "\(try read(name, notes).shapeText) numbers") } catch {
        return (name, error.isOfMemory ? "numbers; this \(error.problem)" : "not numbers")
      }
    }
  }

  /// Returns the names of the categories whose codes an array holds, or nil if it is not categorical.
  public func categories(_ name: String) throws(DataError) -> [String]? {
    Self.hdf5.contains(ending) ? try HDF5.categories(path, dataset: name) : nil
  }

  /// Reads an array.
  ///
  /// - Parameters:
  ///   - name: the array's name; nil if the file holds only one.
  ///   - notes: collects the assumptions made while reading, such as a line taken as a header.
  /// - Returns: The array.
  /// - Throws: `DataError` if the file is unreadable, has no such array, or holds anything but numbers.
  public func read(_ name: String?, _ notes: Notes) throws(DataError) -> NumericArray {
    try NumericArray.read(path, dataset: name, notes: notes)
  }
}

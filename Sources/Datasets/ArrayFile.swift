import LinearAlgebra

/// A file of numbers, which may hold several arrays by name (HDF5, NPZ) or one without.
public struct ArrayFile: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  private static let hdf5 = ["h5", "hdf5", "h5ad", "h5mu", "loom"]

  private var ending: String { path.split(separator: ".").last.map { $0.lowercased() } ?? "" }

  /// Whether its arrays have names.
  public var isContainer: Bool { Self.hdf5.contains(ending) || ending == "npz" }

  /// The names of its arrays; none when they have no names.
  public func names() throws(DataError) -> [String] {
    switch ending {
    case "npz": try NPZ.names(in: path)
    case let ending where Self.hdf5.contains(ending): try HDF5.datasets(in: path)
    default: []
    }
  }

  /// Whether it is a file of AnnData, where `X` is meant without a name.
  public var isAnnData: Bool { ending == "h5ad" }

  /// What is in it, array by array: the name, and its shape and kind in a few words. Nothing when its arrays have no names.
  public func contents(_ notes: Notes) throws(DataError) -> [(name: String, about: String)] {
    if ending != "npz" { return isContainer ? try HDF5.contents(of: path) : [] }
    return try names().map { name throws(DataError) in
      do throws(DataError) { return (name, "\(try read(name, notes).shapeText) numbers") } catch {
        return (name, error.isOfMemory ? "numbers; this \(error.problem)" : "no numbers")
      }
    }
  }

  /// The names of the categories whose codes an array holds; nil when it holds none.
  public func categories(_ name: String) throws(DataError) -> [String]? {
    Self.hdf5.contains(ending) ? try HDF5.categories(path, dataset: name) : nil
  }

  /// - Parameters:
  ///   - name: which array; nil means the only one.
  ///   - notes: is told what was taken for granted.
  public func read(_ name: String?, _ notes: Notes) throws(DataError) -> NumericArray {
    try NumericArray.read(path, dataset: name, notes: notes)
  }
}

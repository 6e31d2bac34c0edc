/// A file of numbers, which may hold several arrays by name (HDF5, NPZ) or one without.
public struct ArrayFile: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  private var ending: String { path.split(separator: ".").last.map { $0.lowercased() } ?? "" }

  /// Whether its arrays have names.
  public var isContainer: Bool { ["h5", "hdf5", "h5ad", "npz"].contains(ending) }

  /// The names of its arrays; none when they have no names.
  public func names() throws(DataError) -> [String] {
    switch ending {
    case "npz": try NPZ.names(in: path)
    case "h5", "hdf5", "h5ad": try HDF5.datasets(in: path)
    default: []
    }
  }

  /// - Parameters:
  ///   - name: which array; nil means the only one.
  ///   - notes: is told what was taken for granted.
  public func read(_ name: String?, _ notes: Notes) throws(DataError) -> NumericArray {
    try NumericArray.read(path, dataset: name, notes: notes)
  }
}

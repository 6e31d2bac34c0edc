import Datasets
import LinearAlgebra

extension NumericArray {
  /// Reads a file without looking at notes.
  public static func read(_ path: String, dataset: String? = nil) throws(DataError) -> NumericArray {
    try read(path, dataset: dataset, notes: Notes())
  }
}

extension Mesh {
  /// Reads a file without looking at notes.
  public init(file path: String) throws(DataError) { try self.init(file: path, notes: Notes()) }
}

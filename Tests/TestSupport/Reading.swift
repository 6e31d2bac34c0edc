import Datasets
import LinearAlgebra

extension NumericArray {
  /// Reads a file whose notes a test does not look at.
  public static func read(_ path: String, dataset: String? = nil) throws(DataError) -> NumericArray {
    try read(path, dataset: dataset, notes: Notes())
  }
}

extension Mesh {
  /// Reads a file whose notes a test does not look at.
  public init(file path: String) throws(DataError) { try self.init(file: path, notes: Notes()) }
}

import LinearAlgebra

/// Checks that the peak memory of a reader is available: the file's bytes, intermediate data, and the array.
enum ReaderMemory {
  /// The memory left to the rest of the program, in bytes.
  private static let spare = 32e6

  /// Throws an error if a reader needs more memory than there is.
  ///
  /// - Parameters:
  ///   - bytes: the memory about to be allocated.
  ///   - held: the memory that the same reader holds already and keeps.
  ///   - path: the file.
  ///   - subject: the part of the file that needs the memory, such as "dataset 'C'"; empty for the whole file.
  /// - Throws: `DataError` if the memory is not available.
  static func require(_ bytes: Double, besides held: Double = 0, of path: String, subject: String = "")
    throws(DataError)
  {
    guard let shortfall = MachineMemory.shortfall(bytes: bytes + held + spare, held: held) else { return }
    throw DataError(
      .unfit, path: path, problem: "\(subject.isEmpty ? "" : subject + " ")needs \(shortfall)", isOfMemory: true)
  }
}

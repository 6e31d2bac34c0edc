import Datasets
import Files
import Runs

/// Checks that the inputs of a run are the planned ones before and after the run reads them.
struct InputWatch {
  private let inputs: [(path: String, stamp: FileStamp)]

  /// Computes the digests of the inputs.
  ///
  /// - Parameters:
  ///   - planned: the inputs as planned.
  ///   - digests: the memory of digests.
  /// - Throws: `DataError` if an input is not the planned one.
  init(_ planned: [RunInput], digests: FileDigests) throws(DataError) {
    var inputs: [(String, FileStamp)] = []
    for input in planned {
      let (path, planned) = (input.path, input.sha256)
      guard let found = digests.look(at: path) else {
        throw DataError(path: path, problem: "cannot be read, or keeps changing while it is read")
      }
      guard found.digest == planned else {
        throw DataError(
          path: path,
          problem:
            """
            has changed since the run was planned: its SHA-256 is \(found.digest.prefix(12))…, but \
            \(planned.prefix(12))… was expected
            """
        )
      }
      inputs.append((path, found.stamp))
    }
    self.inputs = inputs
  }

  /// Runs an operation that reads the inputs.
  ///
  /// - Parameter body: the operation.
  /// - Returns: What the operation returns.
  /// - Throws: The operation's error, or `DataError` if an input has changed in the meantime, whatever the outcome of
  ///   the operation.
  func during<T>(_ body: () throws -> T) throws -> T {
    let result = Result { try body() }
    for (path, stamp) in inputs where FileStamp(of: path) != stamp {
      throw DataError(path: path, problem: "has changed during the run, so it is unknown what the run has read")
    }
    return try result.get()
  }
}

import Datasets
import Files
import Runs

/// The inputs of a run while it reads them: what it is given must be what was planned, from before it reads until after.
struct InputWatch {
  private let inputs: [(path: String, stamp: FileStamp)]

  /// Digests the inputs of a run.
  ///
  /// - Parameter digests: where digests are remembered.
  /// - Throws: `DataError` when one is not what was planned.
  init(_ planned: [RunInput], digests: FileDigests) throws(DataError) {
    var inputs: [(String, FileStamp)] = []
    for input in planned {
      let (path, planned) = (input.path, input.sha256)
      guard let found = digests.look(at: path) else {
        throw DataError(path: path, problem: "cannot be read, or changes each time it is read")
      }
      guard found.digest == planned else {
        throw DataError(
          path: path,
          problem:
            "has changed since the run was planned: its SHA-256 is \(found.digest.prefix(12))…, but \(planned.prefix(12))… was expected")
      }
      inputs.append((path, found.stamp))
    }
    self.inputs = inputs
  }

  /// Carries out what reads the inputs.
  ///
  /// - Throws: what the body throws, or `DataError` when an input has changed meanwhile, whatever the body made of it.
  func during<T>(_ body: () throws -> T) throws -> T {
    let result = Result { try body() }
    for (path, stamp) in inputs where FileStamp(of: path) != stamp {
      throw DataError(path: path, problem: "has changed while the run was at work, so that it is unknown what it has read")
    }
    return try result.get()
  }
}

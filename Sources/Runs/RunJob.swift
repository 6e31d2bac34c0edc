import Documents
import Files

/// The job of one run's process, job.json: the record that the run will complete, and where to work.
public struct RunJob: Sendable {
  /// The record, which still lacks its ending.
  public let record: RunRecord
  /// The staging folder, which receives the run's files.
  public let directory: String
  /// The file that keeps digests; nil for none.
  public let digestFile: String?
  /// The number of threads that the run may use.
  public let threads: Int

  init(record: RunRecord, directory: String, digestFile: String?, threads: Int) {
    (self.record, self.directory, self.digestFile, self.threads) = (record, directory, digestFile, threads)
  }

  /// Reads a job, or throws `DocumentError` if the file cannot be read or is not a job.
  public init(file path: String) throws(DocumentError) {
    let value = try Value(jsonFile: path)
    record = try RunRecord(value, at: .file(path))
    let members = try Members(value, at: .file(path))
    directory = try members.string("directory")
    digestFile = try members.optionalString("digests")
    threads = try members.integer("threads")
  }

  var value: Value {
    var members = record.value.object ?? [:]
    members["directory"] = .string(directory)
    members["digests"] = digestFile.map(Value.string)
    members["threads"] = .integer(threads)
    return .object(members)
  }
}

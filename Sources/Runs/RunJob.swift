import Documents
import Files

/// What a schedule hands to the process of one run, as job.json: the record that the run will complete, and where it works.
public struct RunJob: Sendable {
  public let record: RunRecord
  /// The staging directory, which takes the run's files.
  public let directory: String
  /// Where digests of files are remembered; nil when nowhere.
  public let digestFile: String?
  public let threads: Int

  init(record: RunRecord, directory: String, digestFile: String?, threads: Int) {
    (self.record, self.directory, self.digestFile, self.threads) = (record, directory, digestFile, threads)
  }

  /// - Throws: `DocumentError` when the file cannot be read or is no job.
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

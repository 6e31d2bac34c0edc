import Documents
import Files
import Manifests

/// What run.json holds: what a run was asked for, where it came from, and how it ended. It is written down before the run, as a part of its job, and
/// completed by the run's own process; this is the only place that knows how it is spelled.
///
/// Parts that earlier builds did not write are optional or empty; those that decide what was run are required.
public struct RunRecord: Sendable {
  /// What lists need of it.
  public private(set) var header: Header
  /// What decides the result.
  public let identity: RunIdentity
  /// What changes only how results look.
  public let styling: Value
  /// What was expected of the metrics.
  public let rules: [MetricRule]
  /// The files that are read.
  public let inputs: [RunInput]
  /// Command, code and machine.
  public let provenance: Provenance?
  /// The folder in which the run was called for, from which relative paths of inputs count.
  public let folder: String?
  /// The way there from the results folder.
  public let folderFromResults: String?

  /// Of a run that is to be made.
  ///
  /// - Parameters:
  ///   - executableDigest: the SHA-256 of the binary that makes it.
  ///   - folder: in which it is called for.
  ///   - folderFromResults: the way there from the results folder.
  public init(_ request: RunRequest, provenance: Provenance?, executableDigest: String?, folder: String?, folderFromResults: String?) {
    header = Header(
      experiment: request.experiment, tier: request.tier, label: request.label, repetition: request.repetition,
      digest: request.identity.digest, executableDigest: executableDigest)
    (identity, styling, rules, inputs) = (request.identity, request.styling, request.metrics, request.inputs)
    (self.provenance, self.folder, self.folderFromResults) = (provenance, folder, folderFromResults)
  }

  /// Reads a record.
  ///
  /// - Parameter place: the file.
  /// - Throws: `DocumentError` that names what is missing or of another type.
  public init(_ value: Value, at place: Place) throws(DocumentError) {
    let members = try Members(value, at: place)
    header = try Header(members)
    identity = try RunIdentity(document: members.value("document"), at: place)
    styling = .object(try members.object("styling"))
    rules = try members.object("rules").sorted { $0.key < $1.key }.map { name, rule throws(DocumentError) in
      try MetricRule(name: name, value: rule, at: place)
    }
    inputs = try members.objects("inputs").map { input throws(DocumentError) in try RunInput(input) }
    provenance = try members.optionalMembers("provenance").map { found throws(DocumentError) in try Provenance(found) }
    folder = try members.optionalString("folder")
    folderFromResults = try members.optionalString("folderFromResults")
  }

  /// - Throws: `DocumentError` when the file cannot be read or is damaged.
  public init(file path: String) throws(DocumentError) { try self.init(Value(jsonFile: path), at: .file(path)) }

  /// The record of the run when it has ended.
  public func ended(_ ending: Ending) -> RunRecord {
    var record = self
    record.header.ending = ending
    return record
  }

  /// The record as run.json has it.
  public var value: Value {
    var members = header.members
    members["document"] = identity.document
    members["styling"] = styling
    members["rules"] = .object(Dictionary(rules.map { ($0.name, $0.value) }) { $1 })
    members["inputs"] = .array(inputs.map(\.value))
    members["provenance"] = provenance?.value
    members["folder"] = folder.map(Value.string)
    members["folderFromResults"] = folderFromResults.map(Value.string)
    return .object(members)
  }

  /// What pictures are drawn by beside the arrays.
  public var recipe: RunRecipe { RunRecipe(identity: identity, styling: styling) }
}

extension RunRecord {
  /// What lists need of a record.
  public struct Header: Sendable {
    public let experiment: String
    public let tier: Tier
    /// Of the manifest's row.
    public let label: String
    /// Counted from 0 among the repetitions of its case.
    public let repetition: Int
    /// 64 hexadecimal digits: the SHA-256 of what decides the result.
    public let digest: String
    /// The SHA-256 of the binary that made it.
    public let executableDigest: String?
    /// Nil of a run that has not ended.
    public fileprivate(set) var ending: Ending?

    /// How the run is called in lists.
    public var title: String { RunRequest.title(label: label, repetition: repetition) }
  }

  /// How a run ended.
  public struct Ending: Sendable {
    /// One word: the name of its status.
    public let outcome: String
    /// The outcome as a sentence.
    public let text: String?
    /// Why its pictures could not be drawn; nil when they were.
    public let undrawn: String?
    public let environment: Environment

    public init(outcome: String, text: String?, undrawn: String?, environment: Environment) {
      (self.outcome, self.text, self.undrawn, self.environment) = (outcome, text, undrawn, environment)
    }
  }
}

extension RunRecord.Header {
  /// What a list leaves unread of run.json.
  static let skipped: Set<String> = ["document", "inputs", "provenance", "rules", "styling"]

  init(_ members: Members) throws(DocumentError) {
    experiment = try members.string("experiment")
    let name = try members.string("tier")
    guard let tier = Tier(rawValue: name) else {
      let known = Tier.allCases.map(\.rawValue).joined(separator: ", ")
      throw DocumentError(place: members.place, problem: "'tier' is \(name), but one of \(known) was expected")
    }
    self.tier = tier
    label = try members.string("label")
    repetition = try members.optionalInteger("repetition") ?? 0
    digest = try members.string("key")
    executableDigest = try members.optionalString("executableSHA256")
    ending = try members.optionalString("outcome").map { outcome throws(DocumentError) in
      RunRecord.Ending(
        outcome: outcome, text: try members.optionalString("outcomeText"), undrawn: try members.optionalString("undrawn"),
        environment: try RunRecord.Environment(members.optionalMembers("environment")))
    }
  }

  fileprivate var members: [String: Value] {
    var members: [String: Value] = [
      "experiment": .string(experiment), "tier": .string(tier.rawValue), "label": .string(label), "repetition": .integer(repetition),
      "title": .string(title), "key": .string(digest),
    ]
    members["executableSHA256"] = executableDigest.map(Value.string)
    guard let ending else { return members }
    members["outcome"] = .string(ending.outcome)
    members["outcomeText"] = ending.text.map(Value.string)
    members["undrawn"] = ending.undrawn.map(Value.string)
    members["environment"] = ending.environment.value
    return members
  }
}

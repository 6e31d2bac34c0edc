import Documents
import Files
import Manifests

/// The content of run.json: what was requested, where it came from, and how it ended.
///
/// It is written before the run, as a part of its job, and completed by the run's own process. No other code knows
/// its keys. Parts that earlier versions did not write are optional or empty; those that decide the result are
/// required.
public struct RunRecord: Sendable {
  /// The part that lists show.
  public private(set) var header: Header
  /// The kind, settings, seed, and inputs that decide the result.
  public let identity: RunIdentity
  /// The settings that only change how results look.
  public let styling: Value
  /// The expectations for the metrics.
  public let rules: [MetricRule]
  /// The files that the run reads.
  public let inputs: [RunInput]
  /// The command, the code, and the machine.
  public let provenance: Provenance?
  /// The folder in which the run was requested; relative paths of inputs start there.
  public let folder: String?
  /// The relative path from the results folder to that folder.
  public let folderFromResults: String?

  /// Creates the record of a run that has not started.
  ///
  /// - Parameters:
  ///   - request: the run.
  ///   - provenance: the command, the code, and the machine.
  ///   - executableDigest: the SHA-256 of the program.
  ///   - folder: the folder in which the run is requested.
  ///   - folderFromResults: the relative path from the results folder to that folder.
  public init(
    _ request: RunRequest, provenance: Provenance?, executableDigest: String?, folder: String?,
    folderFromResults: String?
  ) {
    header = Header(
      experiment: request.experiment, tier: request.tier, label: request.label, repetition: request.repetition,
      digest: request.identity.digest, executableDigest: executableDigest)
    (identity, styling, rules, inputs) = (request.identity, request.styling, request.metrics, request.inputs)
    (self.provenance, self.folder, self.folderFromResults) = (provenance, folder, folderFromResults)
  }

  /// Reads a record.
  ///
  /// - Parameters:
  ///   - value: the document.
  ///   - place: its file.
  /// - Throws: `DocumentError` that names what is missing or has the wrong type.
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

  /// Reads a record from a file, or throws `DocumentError` if the file cannot be read or is damaged.
  public init(file path: String) throws(DocumentError) { try self.init(Value(jsonFile: path), at: .file(path)) }

  /// Returns the record with its ending.
  public func ended(_ ending: Ending) -> RunRecord {
    var record = self
    record.header.ending = ending
    return record
  }

  /// The record as run.json stores it.
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

  /// What the figures depend on besides the arrays.
  public var recipe: RunRecipe { RunRecipe(identity: identity, styling: styling) }
}

extension RunRecord {
  /// The part of a record that lists show.
  public struct Header: Sendable {
    /// The name of the experiment.
    public let experiment: String
    /// The tier to which the run belongs.
    public let tier: Tier
    /// The label of the manifest's row.
    public let label: String
    /// The number of the repetition, counted from 0.
    public let repetition: Int
    /// The SHA-256 of everything that decides the result, 64 hexadecimal digits.
    public let digest: String
    /// The SHA-256 of the program that made the run.
    public let executableDigest: String?
    /// How the run ended; nil if it has not.
    public fileprivate(set) var ending: Ending?

    /// The name of the run in lists.
    public var title: String { RunRequest.title(label: label, repetition: repetition) }
  }

  /// How a run ended, with the libraries and resources of its process.
  public struct Ending: Sendable {
    /// The status in one word.
    public let outcome: String
    /// The status in one sentence.
    public let text: String?
    /// The reason why the figures could not be drawn; nil if they were.
    public let undrawn: String?
    /// The libraries and resources of the run's process.
    public let environment: Environment

    /// Creates an ending from the outcome and the environment of a run.
    public init(outcome: String, text: String?, undrawn: String?, environment: Environment) {
      (self.outcome, self.text, self.undrawn, self.environment) = (outcome, text, undrawn, environment)
    }
  }
}

extension RunRecord.Header {
  /// The members of run.json that lists skip.
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
        outcome: outcome, text: try members.optionalString("outcomeText"),
        undrawn: try members.optionalString("undrawn"),
        environment: try RunRecord.Environment(members.optionalMembers("environment")))
    }
  }

  fileprivate var members: [String: Value] {
    var members: [String: Value] = [
      "experiment": .string(experiment), "tier": .string(tier.rawValue), "label": .string(label),
      "repetition": .integer(repetition),
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

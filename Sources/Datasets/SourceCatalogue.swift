import Documents
import Foundation
import YAML

/// One file of a published data set, with its source and digest.
public struct SourceFile: Sendable, Equatable {
  /// Where a file comes from.
  public enum Origin: Sendable, Equatable {
    /// The file is downloaded from this address.
    case url(String)
    /// The file is derived from another one, as the text describes; only a mirror has it.
    case derived(String)
    /// Only a mirror has the file.
    case mirrorOnly
  }

  /// The name of the data set.
  public let set: String
  /// The path relative to the data set's folder.
  public let path: String
  /// The size of the file in bytes.
  public let bytes: Int
  /// The SHA-256 digest in lowercase hexadecimal.
  public let sha256: String
  /// The license of the data.
  public let license: String
  /// Where the file comes from.
  public let origin: Origin

  /// Creates the entry of a file.
  public init(set: String, path: String, bytes: Int, sha256: String, license: String, origin: Origin) {
    self.set = set
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
    self.license = license
    self.origin = origin
  }

  /// The name by which manifests refer to the file, `set/path`.
  public var name: String { "\(set)/\(path)" }
}

/// The list of all published data with source, SHA-256, size, and license, read from `data/sources.yaml`.
public struct SourceCatalogue: Sendable {
  /// A published data set with its files.
  public struct DataSet: Sendable {
    /// The name of the data set.
    public let name: String
    /// The title of the data set, for lists.
    public let title: String
    /// The files of the data set.
    public let files: [SourceFile]
    /// The size of all files in bytes.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
  }

  /// The path of the catalogue.
  public let path: String
  /// The data sets in the order of the catalogue.
  public let sets: [DataSet]

  /// Reads a catalogue, or throws `DocumentError` if it is missing or malformed, or if a path would leave its folder.
  public init(path: String) throws(DocumentError) {
    self.path = path
    let top = try Fields(try Node(yamlFile: path))
    guard try top.integer("schema") == 1 else {
      throw top.error("schema", "is not 1, the only version this build reads")
    }
    guard let node = top.node("sets"), let members = node.members else {
      throw DocumentError(place: .file(path), problem: "the mapping 'sets' is missing")
    }
    try top.finish()
    var sets: [DataSet] = []
    for member in members { sets.append(try Self.dataSet(member)) }
    self.sets = sets
  }

  /// Returns the file with a name `set/path`, or nil.
  public func file(named name: String) -> SourceFile? {
    let set = name.prefix { $0 != "/" }
    return sets.first { $0.name == set }?.files.first { $0.name == name }
  }

  /// The names of all files, for suggestions.
  public var names: [String] { sets.flatMap { $0.files.map(\.name) } }

  private static func dataSet(_ member: Node.Member) throws(DocumentError) -> DataSet {
    let fields = try Fields(member.value, path: member.key)
    let title = try fields.string("title")
    let license = try Self.license(fields)
    guard case .sequence(let nodes)? = fields.node("files")?.content else {
      throw DocumentError(place: member.place, problem: "the set '\(member.key)' has no list of files")
    }
    var files: [SourceFile] = []
    for node in nodes { files.append(try file(node, set: member.key, license: license)) }
    try fields.finish()
    return DataSet(name: member.key, title: title, files: files)
  }

  /// Reads the license under its key or under the British spelling of earlier catalogues.
  private static func license(_ fields: Fields, default fallback: String? = nil) throws(DocumentError) -> String {
    if let license = try fields.optionalString("licence") { return license }
    return try fields.string("license", default: fallback)
  }

  private static func file(_ node: Node, set: String, license: String) throws(DocumentError) -> SourceFile {
    let fields = try Fields(node, path: set)
    let path = try fields.string("path")
    // Compare bytes, as the file system does: Unicode may join a combining mark with a slash to one character.
    let components = "\(set)/\(path)".utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if components.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) {
      throw fields.error("path", "is '\(path)', which would leave the folder of its set")
    }
    let sha256 = try fields.string("sha256")
    if sha256.count != 64 || !sha256.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
      throw fields.error("sha256", "is not a SHA-256 digest in lowercase hexadecimal")
    }
    let origin: SourceFile.Origin
    if let url = try fields.optionalString("url") {
      guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
        throw fields.error("url", "is '\(url)', but an address that begins with https:// or http:// was expected")
      }
      origin = .url(url)
    } else if let derive = try fields.optionalString("derive") {
      origin = .derived(derive)
    } else if try fields.bool("mirrorOnly", default: false) {
      origin = .mirrorOnly
    } else {
      throw DocumentError(
        place: node.place, problem: "the file '\(path)' has neither url nor derive, nor is it mirrorOnly")
    }
    let file = SourceFile(
      set: set, path: path, bytes: try fields.integer("bytes", in: 0...Int.max), sha256: sha256,
      license: try Self.license(fields, default: license), origin: origin)
    try fields.finish()
    return file
  }
}

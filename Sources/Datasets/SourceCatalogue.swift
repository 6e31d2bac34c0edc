import Documents
import Foundation
import YAML

/// One input file of a published data set: where it comes from and how to know it.
public struct SourceFile: Sendable, Equatable {
  public enum Origin: Sendable, Equatable {
    /// Downloaded from here.
    case url(String)
    /// Made from another file, as described; only a mirror has it.
    case derived(String)
    /// Only a mirror has it.
    case mirrorOnly
  }

  public let set: String
  /// Relative to the set's folder.
  public let path: String
  public let bytes: Int
  /// SHA-256, in lower-case hexadecimal.
  public let sha256: String
  public let licence: String
  public let origin: Origin

  public init(set: String, path: String, bytes: Int, sha256: String, licence: String, origin: Origin) {
    self.set = set
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
    self.licence = licence
    self.origin = origin
  }

  /// `set/path`, the name by which manifests refer to the file.
  public var name: String { "\(set)/\(path)" }
}

/// The list of all published data: what, where from, SHA-256, size and licence, read from `data/sources.yaml`.
public struct SourceCatalogue: Sendable {
  public struct DataSet: Sendable {
    public let name: String
    public let title: String
    public let files: [SourceFile]
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
  }

  public let path: String
  /// In the order of the file.
  public let sets: [DataSet]

  /// - Throws: `DocumentError` when the file is missing, malformed, or a path in it would leave its set's folder.
  public init(path: String) throws(DocumentError) {
    self.path = path
    let top = try Fields(try Node(yamlFile: path))
    guard try top.integer("schema") == 1 else { throw top.error("schema", "is not 1, the only version this build reads") }
    guard let node = top.node("sets"), let members = node.members else {
      throw DocumentError(place: .file(path), problem: "the mapping 'sets' is missing")
    }
    try top.finish()
    var sets: [DataSet] = []
    for member in members { sets.append(try Self.dataSet(member)) }
    self.sets = sets
  }

  /// The file with a name `set/path`.
  public func file(named name: String) -> SourceFile? {
    let set = name.prefix { $0 != "/" }
    return sets.first { $0.name == set }?.files.first { $0.name == name }
  }

  /// All names, for suggestions.
  public var names: [String] { sets.flatMap { $0.files.map(\.name) } }

  private static func dataSet(_ member: Node.Member) throws(DocumentError) -> DataSet {
    let fields = try Fields(member.value, path: member.key)
    let title = try fields.string("title")
    let licence = try fields.string("licence")
    guard case .sequence(let nodes)? = fields.node("files")?.content else {
      throw DocumentError(place: member.place, problem: "the set '\(member.key)' has no list of files")
    }
    var files: [SourceFile] = []
    for node in nodes { files.append(try file(node, set: member.key, licence: licence)) }
    try fields.finish()
    return DataSet(name: member.key, title: title, files: files)
  }

  private static func file(_ node: Node, set: String, licence: String) throws(DocumentError) -> SourceFile {
    let fields = try Fields(node, path: set)
    let path = try fields.string("path")
    // By bytes, as the file system reads it: a mark may join with a slash to one character.
    let components = "\(set)/\(path)".utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if components.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) {
      throw fields.error("path", "is '\(path)', which would leave the folder of its set")
    }
    let sha256 = try fields.string("sha256")
    if sha256.count != 64 || !sha256.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
      throw fields.error("sha256", "is no SHA-256 digest in lower-case hexadecimal")
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
      throw DocumentError(place: node.place, problem: "the file '\(path)' has neither url nor derive, nor is it mirrorOnly")
    }
    let file = SourceFile(
      set: set, path: path, bytes: try fields.integer("bytes", in: 0...Int.max), sha256: sha256,
      licence: try fields.string("licence", default: licence), origin: origin)
    try fields.finish()
    return file
  }
}

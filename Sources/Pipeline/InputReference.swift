import Documents
import Foundation

/// An input file as a manifest names it: `{source: set/file}` for a catalogued file, or `{file: path}` for a user's
/// own.
///
/// `dataset:` selects an array of a file that holds several. The location of a file is not part of a run's key, so
/// neither name is in the resolved document; the file's digest is in the key.
public struct InputReference: Sendable, Equatable {
  /// The place in the manifest, such as `data.first`, by which the run finds the file.
  public let role: String
  /// The catalogued file as SET/PATH; nil if the file is the user's own.
  public let source: String?
  /// The path of the user's own file; nil if the file is catalogued.
  public let file: String?
  /// The array of a file that holds several.
  public let dataset: String?
  /// The place of the reference in the manifest or the options.
  private let place: Place

  /// Reads a reference.
  ///
  /// - Parameters:
  ///   - fields: the mapping that names the file.
  ///   - role: its place in the manifest.
  /// - Throws: `DocumentError` if the mapping names two files.
  public init(_ fields: Fields, role: String) throws(DocumentError) {
    self.role = role
    let source = try fields.optionalLocation("source", about: "a catalogued file, as SET/PATH")
    let file = try fields.optionalLocation(
      "file", about: "a file of your own, relative to the manifest's folder or else to the current folder")
    self.source = source?.text
    self.file = file?.text
    place = file?.place ?? fields.place
    dataset = try fields.optionalString("dataset", about: "the array of an HDF5 or NPZ file that holds several")
    if source != nil, file != nil {
      throw DocumentError(place: fields.place, problem: "'\(role)' has both source and file; one of them was expected")
    }
  }

  /// The possible paths of the user's own file, in the order of the search.
  var candidates: [String] {
    guard let file else { return [] }
    guard !file.hasPrefix("/"), case .file(let manifest, _, _) = place else { return [file] }
    let beside = (manifest as NSString).deletingLastPathComponent + "/" + file
    return [beside, file]
  }
}

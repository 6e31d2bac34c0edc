import Documents
import Foundation

/// How a manifest names an input file: `{source: set/file}` of the catalogue, or `{file: path}` of the user's own, with `dataset:` for one
/// of several in an HDF5 file.
///
/// Where the file lies is not part of a run's key, so neither name is recorded in the resolved document; its digest is.
public struct InputReference: Sendable, Equatable {
  /// Its place in the manifest, such as `data.first`, by which the run finds its path.
  public let role: String
  /// A catalogued file, as SET/PATH; nil where the user's own is named.
  public let source: String?
  /// A file of the user's own; nil where a catalogued one is named.
  public let file: String?
  /// Which dataset of an HDF5 file that holds several.
  public let dataset: String?
  /// The manifest or option in which the file is named.
  private let place: Place

  /// Reads the mapping that names a file.
  ///
  /// - Parameter role: its place in the manifest.
  /// - Throws: `DocumentError` when it names two files.
  public init(_ fields: Fields, role: String) throws(DocumentError) {
    self.role = role
    let source = try fields.optionalLocation("source", about: "a catalogued file, as SET/PATH")
    let file = try fields.optionalLocation(
      "file", about: "a file of your own; relative to the manifest's folder, or else to where otlab is called")
    self.source = source?.text
    self.file = file?.text
    place = file?.place ?? fields.place
    dataset = try fields.optionalString("dataset", about: "which dataset of an HDF5 file that holds several")
    if source != nil, file != nil {
      throw DocumentError(place: fields.place, problem: "'\(role)' has both source and file; one of them was expected")
    }
  }

  /// Where a file of the user's own may lie, in the order in which to look.
  var candidates: [String] {
    guard let file else { return [] }
    guard !file.hasPrefix("/"), case .file(let manifest, _, _) = place else { return [file] }
    let beside = (manifest as NSString).deletingLastPathComponent + "/" + file
    return [beside, file]
  }
}

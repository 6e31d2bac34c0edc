import Manifests

extension Tier {
  /// Returns the name of the folder for a tier's sweep figures.
  ///
  /// Rows that the command line has changed get a folder of their own, so that their figures never replace those of
  /// the manifest.
  ///
  /// - Parameter isChanged: whether the command line has changed the rows.
  /// - Returns: The name of the folder.
  public func pictureFolder(isChanged: Bool = false) -> String { isChanged ? "\(rawValue)-changed" : rawValue }
}

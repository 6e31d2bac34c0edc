import Manifests

extension Tier {
  /// The folder of a sweep's pictures beside those of single rows. Rows that the command line has changed have one of their own, so that their
  /// pictures never take the place of the manifest's.
  public func pictureFolder(isChanged: Bool = false) -> String { isChanged ? "\(rawValue)-changed" : rawValue }
}

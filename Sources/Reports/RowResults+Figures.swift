import Figures
import Files
import Manifests
import Pipeline
import Runs

extension RowResults {
  /// Draws the manifest's pictures of its sweep from the rows that are finished.
  ///
  /// - Returns: the paths of the pictures.
  @discardableResult
  public func drawSweep(into folder: String, format: FigureFormat = .png) throws -> [String] {
    try manifest.figures.compactMap { spec in
      let figure = try Figure(spec, manifest: manifest, results: results)
      return try figure.map { try FigureRenderer(folder: folder).render($0, format: format) }
    }
  }

  /// Draws the pictures of each row, by its first finished repetition, into a folder of the row's own.
  ///
  /// - Parameter registry: the kinds that the runs may be of.
  /// - Returns: the paths of the pictures of each row.
  public func drawRows(
    into folder: String, format: FigureFormat = .png, registry: Registry
  ) throws -> [(label: String, paths: [String])] {
    let rows = results.compactMap { result in result.runs.first.map { (label: result.label, run: $0) } }
    return try concurrentMap(rows) { row in
      Result {
        let paths = try RunFigures(arrays: "\(row.run.directory)/arrays.h5", registry: registry).draw(
          into: "\(folder)/\(row.label.asFileName(unless: Self.isTaken))", format: format)
        return (label: row.label, paths: paths)
      }
    }.map { try $0.get() }
  }

  /// Whether a name in the folder of an experiment's pictures is that of its sweep's pictures, or of a run's.
  private static func isTaken(_ name: String) -> Bool {
    Tier.allCases.contains { [$0.pictureFolder(), $0.pictureFolder(isChanged: true)].contains(name) }
      || name.count == 12 && name.allSatisfy(\.isHexDigit)
  }
}

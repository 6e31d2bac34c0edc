import Figures
import Files
import Manifests
import Pipeline
import Runs

extension RowResults {
  /// Draws the manifest's figures from the finished rows.
  ///
  /// - Parameters:
  ///   - folder: the folder of the figures.
  ///   - format: the file format.
  /// - Returns: The paths of the figures.
  /// - Throws: `DataError` if stored arrays cannot be read, `FigureError` if a figure cannot be drawn.
  @discardableResult
  public func drawSweep(into folder: String, format: FigureFormat = .png) throws -> [String] {
    try manifest.figures.compactMap { spec in
      let figure = try Figure(spec, manifest: manifest, results: results)
      return try figure.map { try FigureRenderer(folder: folder).render($0, format: format) }
    }
  }

  /// Draws the figures of each row's first finished run into a folder for each row.
  ///
  /// - Parameters:
  ///   - folder: the folder above those of the rows.
  ///   - format: the file format.
  ///   - registry: the known kinds.
  /// - Returns: The label of each row with the paths of its figures.
  /// - Throws: `DataError` if stored arrays cannot be read, `FigureError` if a figure cannot be drawn.
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

  /// Returns whether a name is used in the folder of an experiment's figures for something other than a row.
  private static func isTaken(_ name: String) -> Bool {
    Tier.allCases.contains { [$0.pictureFolder(), $0.pictureFolder(isChanged: true)].contains(name) }
      || name.count == 12 && name.allSatisfy(\.isHexDigit)
  }
}

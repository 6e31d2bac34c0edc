import Experiments
import Figures
import Runs

extension FinishedRows {
  /// Draws the manifest's pictures of its sweep from the rows that are finished.
  @discardableResult
  func drawSweep(into folder: String, format: FigureFormat = .png) throws -> [String] {
    try manifest.figures.compactMap { spec in
      let figure = try Figure(spec, manifest: manifest, results: results)
      return try figure.map { try FigureRenderer(folder: folder).render($0, format: format) }
    }
  }

  /// Draws the pictures of each row, by its first finished repetition, into a folder of the row's own.
  func drawRows(into folder: String, format: FigureFormat = .png) throws -> [(label: String, paths: [String])] {
    let rows = results.compactMap { result in result.records.first.map { (label: result.label, record: $0) } }
    return try concurrentMap(rows) { row in
      Result {
        let paths = try RunFigures(arrays: "\(row.record.directory)/arrays.h5").draw(
          into: "\(folder)/\(Self.fileName(row.label))", format: format)
        return (label: row.label, paths: paths)
      }
    }.map { try $0.get() }
  }

  /// A label as the name of a folder.
  private static func fileName(_ label: String) -> String {
    String(label.map { $0.isLetter || $0.isNumber || "-_.,=[]+ ".contains($0) ? $0 : "-" })
  }
}

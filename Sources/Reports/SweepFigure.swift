import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import Manifests
import Pipeline
import Runs

extension Figure {
  /// Creates a figure that a manifest declares, or nil if no finished row has what it shows.
  ///
  /// - Parameters:
  ///   - spec: the figure.
  ///   - manifest: the manifest.
  ///   - results: the results of all rows.
  /// - Throws: `DataError` if a stored array cannot be read.
  public init?(_ spec: FigureSpec, manifest: Manifest, results: [CaseResult]) throws {
    let shown = results.filter { $0.fits(spec.filter) }
    let title = "\(manifest.name), \(manifest.tier.rawValue) tier"
    let panels: [Panel]
    let size: (width: Int, height: Int)
    switch spec.content {
    case .curves(let metric, let key):
      panels = Self.curves(spec, metric, by: key, title: title, results: shown).map { [.lines($0)] } ?? []
      size = (860, 560)
    case .mosaic(let array, let rows):
      let mosaic = try Self.mosaic(spec, array, rows: rows, title: title, results: shown)
      panels = mosaic.map { [.heatMap($0)] } ?? []
      // Tiles keep their proportions, and the height of the panel follows.
      let ratio = mosaic.map { Double($0.matrix.rows) / Double($0.matrix.columns) } ?? 1
      size = (1000, min(1400, max(420, 170 + Int(740 * ratio))))
    case .traces(let array, let key):
      panels = try Self.traces(spec, array, by: key, title: title, results: shown).map { [.lines($0)] } ?? []
      size = (860, 560)
    case .points(let metric, let key):
      panels = Self.points(spec, metric, by: key, title: title, results: shown).map { [.scatter($0)] } ?? []
      size = (900, 640)
    case .pictures(let array):
      let pictures = try Self.pictures(spec, array, results: shown)
      panels = pictures.map { .image(ImagePanel(title: $0.title, ink: $0.matrix)) }
      let ratio = pictures.map { Double($0.matrix.rows) / Double($0.matrix.columns) }.max() ?? 1
      let width = min(320, max(240, 1500 / max(pictures.count, 1)))
      size = (width, 70 + Int(Double(width) * ratio))
    }
    guard !panels.isEmpty else { return nil }
    self.init(name: spec.name, title: spec.title, panels: panels, panelSize: size)
  }

  /// The smallest number of different x to which a power is fitted; two points always fit, and three hardly show a
  /// bend.
  private static let fewestForPower = 4

  /// Returns b of the fit y ≈ a xᵇ with two digits, or nil if there are fewer than four different positive x.
  static func exponent(_ x: [Double], _ y: [Double]) -> String? {
    let points = zip(x, y).filter { $0 > 0 && $1 > 0 }.map { (x: log($0), y: log($1)) }
    let count = Double(max(points.count, 1))
    let (meanX, meanY) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    guard Set(points.map(\.x)).count >= fewestForPower else { return nil }
    return String(format: "%.2f", points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread)
  }

  private static func array(_ name: String, of result: CaseResult) throws -> NumericArray? {
    guard let run = result.runs.first else { return nil }
    return try StoredArrays(path: "\(run.directory)/arrays.h5").array(name)
  }

  private static func traces(_ spec: FigureSpec, _ name: String, by key: String, title: String, results: [CaseResult])
    throws -> LinePanel?
  {
    let curves = try results.compactMap { result -> LinePanel.Curve? in
      guard let x = try array(spec.x, of: result), let y = try array(name, of: result), !y.elements.isEmpty else {
        return nil
      }
      let count = min(x.elements.count, y.elements.count)
      return LinePanel.Curve(
        name: result.cell(key)?.text ?? "", x: Array(x.elements.prefix(count)), y: Array(y.elements.prefix(count)))
    }
    if curves.isEmpty { return nil }
    return LinePanel(
      title: title, xLabel: spec.xLabel, yLabel: spec.yLabel, curves: curves, isXLogarithmic: spec.isXLogarithmic,
      isYLogarithmic: spec.isYLogarithmic, keyTitle: spec.curvesLabel)
  }

  /// Plots a metric of every run over another metric, with a group for each value of a column.
  private static func points(_ spec: FigureSpec, _ metric: String, by key: String, title: String, results: [CaseResult])
    -> ScatterPanel?
  {
    var names: [String] = []
    var points: [String: [Double]] = [:]
    for result in results {
      let name = result.cell(key)?.text ?? ""
      for run in result.runs {
        guard let x = run.metrics[spec.x]?.number, let y = run.metrics[metric]?.number, x.isFinite, y.isFinite else {
          continue
        }
        if points[name] == nil { names.append(name) }
        points[name, default: []] += [x, y]
      }
    }
    guard !names.isEmpty else { return nil }
    let markers: [Marker] = [.disc, .triangle, .cross, .circle]
    return ScatterPanel(
      title: title, xLabel: spec.xLabel, yLabel: spec.yLabel,
      groups: names.enumerated().map { index, name in
        let values = points[name] ?? []
        // There are eight colors; more groups change the marker.
        return ScatterPanel.Group(
          name: name, points: Matrix(rows: values.count / 2, columns: 2, elements: values), colour: index % 8,
          marker: markers[index / 8 % 4])
      }, hasOneScale: false)
  }

  /// Returns a stored matrix of each row as an image whose largest element is black.
  private static func pictures(_ spec: FigureSpec, _ name: String, results: [CaseResult]) throws -> [(
    title: String, matrix: Matrix
  )] {
    try results.compactMap { result in
      guard let matrix = try array(name, of: result)?.matrix else { return nil }
      let largest = matrix.elements.max() ?? 0
      let cell = result.cell(spec.x)
      let name = cell?.number == nil ? cell?.text ?? "" : "\(spec.xLabel) = \(cell?.text ?? "")"
      return (name, largest > 0 ? matrix.map { $0 / largest } : matrix)
    }
  }

  /// Plots a metric over a column of the rows, with a curve for each value of another column.
  private static func curves(
    _ spec: FigureSpec, _ metric: String, by key: String?, title: String, results: [CaseResult]
  ) -> LinePanel? {
    struct Point {
      let x: Double
      let y: Double
      let deviation: Double?
    }
    var names: [String] = []
    var points: [String: [Point]] = [:]
    for result in results {
      guard let x = result.cell(spec.x)?.number, let y = result.value(of: metric)?.number, x.isFinite, y.isFinite else {
        continue
      }
      let name = key.flatMap { result.cell($0)?.text } ?? metric
      if points[name] == nil { names.append(name) }
      points[name, default: []].append(Point(x: x, y: y, deviation: result.deviation(of: metric)))
    }
    guard !points.isEmpty else { return nil }
    let curves = names.map { name in
      let sorted = (points[name] ?? []).sorted { $0.x < $1.x }
      let exponent = spec.tellsExponent ? Self.exponent(sorted.map(\.x), sorted.map(\.y)) : nil
      let hasBars = sorted.contains { $0.deviation != nil }
      return LinePanel.Curve(
        name: exponent.map { "\(name): ∝ x^\($0)" } ?? name, x: sorted.map(\.x), y: sorted.map(\.y),
        deviations: hasBars ? sorted.map { $0.deviation ?? 0 } : nil)
    }
    return LinePanel(
      title: title, xLabel: spec.xLabel, yLabel: spec.yLabel, curves: curves, isXLogarithmic: spec.isXLogarithmic,
      isYLogarithmic: spec.isYLogarithmic, keyTitle: key == nil ? nil : spec.curvesLabel)
  }

  /// The approximate number of cells along the longer side of a mosaic.
  private static let mosaicSide = 600

  /// Joins an array of each row's first run to a mosaic by two columns of the rows; tiles without a run stay empty.
  private static func mosaic(
    _ spec: FigureSpec, _ array: String, rows key: String, title: String, results: [CaseResult]
  ) throws -> HeatMapPanel? {
    func values(_ key: String) -> [Value] {
      results.compactMap { $0.cell(key) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let (columns, rows) = (values(spec.x), values(key))
    let side = max(8, mosaicSide / max(1, columns.count, rows.count))
    var fields: [(row: Int, column: Int, matrix: Matrix)] = []
    for result in results {
      guard let field = try Self.array(array, of: result), let row = result.cell(key).flatMap(rows.firstIndex),
        let column = result.cell(spec.x).flatMap(columns.firstIndex)
      else { continue }
      fields.append((row, column, field.matrix.pooled(to: side)))
    }
    guard let height = fields.map(\.matrix.rows).max(), let width = fields.map(\.matrix.columns).max() else {
      return nil
    }
    var matrix = Matrix(rows: height * rows.count, columns: width * columns.count)
    for (row, column, field) in fields {
      for i in 0..<field.rows {
        for j in 0..<field.columns { matrix[row * height + i, column * width + j] = field[i, j] }
      }
    }
    func blocks(_ values: [Value], _ size: Int) -> [HeatMapPanel.Block] {
      values.enumerated().map { index, value in
        HeatMapPanel.Block(name: value.text, range: Double(index * size)..<Double((index + 1) * size))
      }
    }
    return HeatMapPanel(
      title: title, xLabel: spec.xLabel, yLabel: spec.yLabel, scaleLabel: spec.curvesLabel, matrix: matrix,
      rowBlocks: blocks(rows, height), columnBlocks: blocks(columns, width))
  }
}

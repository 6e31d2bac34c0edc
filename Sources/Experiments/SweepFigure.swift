import Documents
import Figures
import Manifests
import Runs

extension Figure {
  /// A manifest's picture of its sweep: a metric of the finished rows over one of their values, a curve for each value of another.
  ///
  /// - Returns: nil when no finished row has both numbers.
  public init?(_ spec: FigureSpec, manifest: Manifest, results: [CaseResult]) {
    struct Point {
      let x: Double
      let y: Double
      let deviation: Double?
    }
    var names: [String] = []
    var points: [String: [Point]] = [:]
    for result in results {
      guard let x = result.cell(spec.x)?.number, let y = result.value(of: spec.y)?.number, x.isFinite, y.isFinite else { continue }
      let name = spec.curves.flatMap { result.cell($0)?.text } ?? spec.y
      if points[name] == nil { names.append(name) }
      points[name, default: []].append(Point(x: x, y: y, deviation: result.deviation(of: spec.y)))
    }
    guard !points.isEmpty else { return nil }
    let curves = names.map { name in
      let sorted = (points[name] ?? []).sorted { $0.x < $1.x }
      let hasBars = sorted.contains { $0.deviation != nil }
      return LinePanel.Curve(
        name: name, x: sorted.map(\.x), y: sorted.map(\.y), deviations: hasBars ? sorted.map { $0.deviation ?? 0 } : nil)
    }
    let panel = LinePanel(
      title: "\(manifest.name), \(manifest.tier.rawValue) tier", xLabel: spec.xLabel, yLabel: spec.yLabel, curves: curves,
      isXLogarithmic: spec.isXLogarithmic, isYLogarithmic: spec.isYLogarithmic, keyTitle: spec.curves == nil ? nil : spec.curvesLabel)
    self.init(name: spec.name, title: spec.title, panels: [.lines(panel)], panelSize: (860, 560))
  }
}

import Documents

/// A picture of a sweep: a metric over what is swept, with bars of one standard deviation where runs are repeated, or stored arrays of every
/// row, side by side or as curves. Pictures of single runs are the business of the experiment's kind.
public struct FigureSpec: Sendable {
  public enum Content: Sendable, Equatable {
    /// A metric over x; a curve for each value of `by`, one curve when it is nil.
    case curves(metric: String, by: String?)
    /// A metric of every run over another, x; a colour for each value of `by`.
    case points(metric: String, by: String)
    /// A matrix of each row's first run as a field of a mosaic: columns by x, rows by another key.
    case mosaic(array: String, rows: String)
    /// A stored array of each row's first run over another, x; a curve for each value of `by`.
    case traces(array: String, by: String)
    /// A stored matrix of each row's first run as ink on white, side by side, called by its x.
    case pictures(array: String)
  }

  /// The file name without ending.
  public let name: String
  public let title: String
  /// What the horizontal axis shows: a key of the rows, such as the path of a swept value (curves need numbers), or the array that traces are
  /// drawn over.
  public let x: String
  public let content: Content
  /// Only rows with these cells are shown.
  public let filter: [String: Value]
  public let xLabel: String
  public let yLabel: String
  /// What the curves differ in, above their names; what the colours of a mosaic mean.
  public let curvesLabel: String
  public let isXLogarithmic: Bool
  public let isYLogarithmic: Bool
  /// Whether the names of curves tell the exponent of a power of x fitted to them, by least squares of the logarithms; those of
  /// fewer than four points tell none.
  public let tellsExponent: Bool
  public let place: Place

  /// The keys of rows that it needs.
  var rowKeys: [String] {
    switch content {
    case .curves(_, let by): [x] + [by].compactMap(\.self) + filter.keys.sorted()
    case .points(_, let by): [by] + filter.keys.sorted()
    case .mosaic(_, let rows): [x, rows] + filter.keys.sorted()
    case .traces(_, let key): [key] + filter.keys.sorted()
    case .pictures: [x] + filter.keys.sorted()
    }
  }

  /// The metrics that it needs.
  var metrics: [String] {
    switch content {
    case .curves(let metric, _): [metric]
    case .points(let metric, _): [x, metric]
    case .mosaic, .traces, .pictures: []
    }
  }

  private enum Axis: String, CaseIterable { case x, y }

  static func read(_ node: Node?) throws(DocumentError) -> [FigureSpec] {
    guard let node else { return [] }
    guard case .sequence(let nodes) = node.content else { throw DocumentError(place: node.place, problem: "'figures' is not a list") }
    var specs: [FigureSpec] = []
    for node in nodes { specs.append(try FigureSpec(node)) }
    return specs
  }

  private init(_ node: Node) throws(DocumentError) {
    let fields = try Fields(node, path: "figures")
    name = try fields.string("name")
    title = try fields.string("title")
    x = try fields.string("x")
    let ordinate: String
    if let array = try fields.optionalString("array") {
      ordinate = try fields.string("rows")
      content = .mosaic(array: array, rows: ordinate)
      curvesLabel = try fields.string("curvesLabel", default: array)
    } else if let array = try fields.optionalString("trace") {
      ordinate = array
      let curves = try fields.string("curves")
      content = .traces(array: array, by: curves)
      curvesLabel = try fields.string("curvesLabel", default: curves)
    } else if let metric = try fields.optionalString("points") {
      ordinate = metric
      let groups = try fields.string("curves")
      content = .points(metric: metric, by: groups)
      curvesLabel = try fields.string("curvesLabel", default: groups)
    } else if let array = try fields.optionalString("pictures") {
      (ordinate, curvesLabel) = (array, "")
      content = .pictures(array: array)
    } else {
      ordinate = try fields.string("y")
      let curves = try fields.optionalString("curves")
      content = .curves(metric: ordinate, by: curves)
      curvesLabel = try fields.string("curvesLabel", default: curves ?? "")
    }
    xLabel = try fields.string("xLabel", default: x)
    yLabel = try fields.string("yLabel", default: ordinate)
    filter = try fields.rowFilter()
    let logarithmic = try fields.strings("logarithmic")
    if let other = logarithmic.first(where: { Axis(rawValue: $0) == nil }) {
      throw fields.error("logarithmic", "names '\(other)', but x, y or both were expected")
    }
    isXLogarithmic = logarithmic.contains(Axis.x.rawValue)
    isYLogarithmic = logarithmic.contains(Axis.y.rawValue)
    tellsExponent = try fields.bool("exponents", default: false)
    place = node.place
    try fields.finish()
  }
}

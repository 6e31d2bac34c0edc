import Documents

/// A figure about several rows of an experiment, as the manifest declares it.
///
/// It shows a metric over the swept values, with error bars of one standard deviation where runs are repeated, or the
/// stored arrays of all rows. Figures of single runs come from the experiment's kind.
public struct FigureSpec: Sendable {
  /// The forms of figures that a manifest can declare.
  public enum Content: Sendable, Equatable {
    /// A metric over x, with a curve for each value of `by`, or a single curve if it is nil.
    case curves(metric: String, by: String?)
    /// A metric of every run over another metric x, with a color for each value of `by`.
    case points(metric: String, by: String)
    /// A matrix of each row's first run as a tile; x gives the column and `rows` gives the row of the tile.
    case mosaic(array: String, rows: String)
    /// A stored array of each row's first run over the array x, with a curve for each value of `by`.
    case traces(array: String, by: String)
    /// A stored matrix of each row's first run as an image of ink on white, with the row's x as its title.
    case pictures(array: String)
  }

  /// The file name without extension.
  public let name: String
  /// The title of the figure.
  public let title: String
  /// The horizontal axis: a column of the rows such as the path of a swept value (numbers if there are curves), or
  /// the stored array over which traces are drawn.
  public let x: String
  /// The form of the figure with the metrics or arrays that it shows.
  public let content: Content
  /// The figure shows only rows with these cells.
  public let filter: [String: Value]
  /// The label of the x axis.
  public let xLabel: String
  /// The label of the y axis.
  public let yLabel: String
  /// The title of the legend, or the label of a mosaic's color scale.
  public let curvesLabel: String
  /// Whether the x axis is logarithmic.
  public let isXLogarithmic: Bool
  /// Whether the y axis is logarithmic.
  public let isYLogarithmic: Bool
  /// Whether the legend gives the exponent of a power of x fitted to each curve by least squares of the logarithms;
  /// curves with fewer than four points have none.
  public let tellsExponent: Bool
  /// The place of the figure in the manifest.
  public let place: Place

  /// The columns of the rows that the figure needs.
  var rowKeys: [String] {
    switch content {
    case .curves(_, let by): [x] + [by].compactMap(\.self) + filter.keys.sorted()
    case .points(_, let by): [by] + filter.keys.sorted()
    case .mosaic(_, let rows): [x, rows] + filter.keys.sorted()
    case .traces(_, let key): [key] + filter.keys.sorted()
    case .pictures: [x] + filter.keys.sorted()
    }
  }

  /// The metrics that the figure needs.
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
    guard case .sequence(let nodes) = node.content else {
      throw DocumentError(place: node.place, problem: "'figures' is not a list")
    }
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

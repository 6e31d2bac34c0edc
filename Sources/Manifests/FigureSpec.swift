import Documents

/// A picture of a sweep: a metric over what is swept, with bars of one standard deviation where runs are repeated. Pictures of single runs
/// are the business of the experiment's kind.
public struct FigureSpec: Sendable {
  /// The file name without ending.
  public let name: String
  public let title: String
  /// What the horizontal axis shows: a key of the rows with numbers, such as the path of a swept value.
  public let x: String
  /// The metric of the vertical axis.
  public let y: String
  /// A key of the rows whose values are told apart by curves; nil draws one.
  public let curves: String?
  public let xLabel: String
  public let yLabel: String
  /// What the curves differ in, above their names.
  public let curvesLabel: String
  public let isXLogarithmic: Bool
  public let isYLogarithmic: Bool
  public let place: Place

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
    y = try fields.string("y")
    curves = try fields.optionalString("curves")
    xLabel = try fields.string("xLabel", default: x)
    yLabel = try fields.string("yLabel", default: y)
    curvesLabel = try fields.string("curvesLabel", default: curves ?? "")
    let logarithmic = try fields.strings("logarithmic")
    if let other = logarithmic.first(where: { Axis(rawValue: $0) == nil }) {
      throw fields.error("logarithmic", "names '\(other)', but x, y or both were expected")
    }
    isXLogarithmic = logarithmic.contains(Axis.x.rawValue)
    isYLogarithmic = logarithmic.contains(Axis.y.rawValue)
    place = node.place
    try fields.finish()
  }
}

import Documents
import YAML

/// Parameters that take several values: the product of independent axes, times the axes of `zip`, which step
/// together.
struct Sweep: Sendable {
  struct Axis: Sendable {
    let path: ParameterPath
    let place: Place
    let values: [Node]

    /// A path to which both this axis and a mapping give a value; nil if there is none.
    func clash(with other: Node) -> String? {
      values.lazy.compactMap { Node.nested(path.text, $0, at: place).clash(with: other) }.first
    }

    func clash(with other: Axis) -> String? {
      guard path.isPart(of: other.path) || other.path.isPart(of: path) else { return nil }
      return other.values.lazy.compactMap { clash(with: Node.nested(other.path.text, $0, at: other.place)) }.first
    }

    /// Returns whether the command line sets the value of the axis, and not just another part of the same mapping.
    func isFixed(by override: Node) -> Bool {
      path.value(in: override).map { $0.members == nil } ?? false
    }
  }

  struct Setting: Sendable {
    let path: ParameterPath
    let value: Node
  }

  private(set) var product: [Axis]
  private(set) var zip: [Axis]
  /// The largest number of points; more are taken for a mistake.
  static let pointLimit = 100_000

  init(_ node: Node?) throws(DocumentError) {
    product = []
    zip = []
    guard let node else { return }
    let fields = try Fields(node, path: "sweep")
    product = try Self.axes(fields.node("product"))
    zip = try Self.axes(fields.node("zip"))
    try fields.finish()
    if let first = zip.first, let other = zip.first(where: { $0.values.count != first.values.count }) {
      throw DocumentError(
        place: other.place,
        problem:
          """
          '\(other.path.text)' has \(other.values.count) values, but '\(first.path.text)' has \(first.values.count), \
          but zip steps through both together
          """
      )
    }
    if let twice = zip.first(where: { axis in product.contains { $0.path == axis.path } }) {
      throw DocumentError(place: twice.place, problem: "'\(twice.path.text)' is in both product and zip")
    }
    try refuseClashes()
  }

  /// Throws an error if two axes set the same value, since one would be ignored.
  private func refuseClashes() throws(DocumentError) {
    let axes = product + zip
    for (index, axis) in axes.enumerated() {
      for earlier in axes[..<index] {
        guard let path = earlier.clash(with: axis) else { continue }
        throw DocumentError(
          place: axis.place, problem: "'\(axis.path.text)' gives '\(path)' values, and so does '\(earlier.path.text)'")
      }
    }
  }

  private static func axes(_ node: Node?) throws(DocumentError) -> [Axis] {
    guard let node else { return [] }
    guard let members = node.members else {
      throw DocumentError(
        place: node.place,
        problem: "a part of 'sweep' is \(node.kindName), but a mapping of keys to values was expected")
    }
    var axes: [Axis] = []
    for member in members {
      axes.append(
        Axis(
          path: try ParameterPath(member.key, at: member.place), place: member.place,
          values: try SweepValues.read(member.value)))
    }
    return axes
  }

  /// Adds an axis from the command line, which replaces an axis of the manifest.
  mutating func add(_ axis: Axis) throws(DocumentError) {
    remove { $0.path == axis.path }
    product.append(axis)
    try refuseClashes()
  }

  /// Removes the axes that the command line sets, or throws `DocumentError` if it sets a part of a swept value that
  /// is not a mapping.
  mutating func fix(_ override: Override) throws(DocumentError) {
    for axis in product + zip where axis.path.value(in: override.node)?.members != nil {
      for value in axis.values where value.members == nil {
        _ = try Node.nested(axis.path.text, value, at: value.place).merging(override.node)
      }
    }
    remove { $0.isFixed(by: override.node) }
  }

  private mutating func remove(where isFixed: (Axis) -> Bool) {
    product.removeAll(where: isFixed)
    zip.removeAll(where: isFixed)
  }

  /// The number of points; a sweep without axes has one.
  var count: Int {
    product.reduce(zip.first?.values.count ?? 1) { total, axis in
      let (result, overflow) = total.multipliedReportingOverflow(by: axis.values.count)
      return overflow ? Int.max : result
    }
  }

  var isEmpty: Bool { product.isEmpty && zip.isEmpty }

  /// All points; the axes of `zip` change fastest, then the last axis of the product.
  var points: [[Setting]] {
    var points: [[Setting]] = [[]]
    for axis in product {
      points = points.flatMap { point in axis.values.map { point + [Setting(path: axis.path, value: $0)] } }
    }
    guard let length = zip.first?.values.count else { return points }
    return points.flatMap { point in
      (0..<length).map { index in point + zip.map { Setting(path: $0.path, value: $0.values[index]) } }
    }
  }

  /// The name of an axis in labels: its last word, or the whole path if two axes share that word.
  func name(of path: ParameterPath) -> String {
    (product + zip).count { $0.path.shortName == path.shortName } > 1 ? path.text : path.shortName
  }
}

/// An axis given on the command line, as in `--sweep solver.epsilon=1e-3,1e-2` or `--sweep 'solver.epsilon=log(1e-4,
/// 1e-1, 4)'`.
public struct SweepOption: Sendable {
  let axis: Sweep.Axis

  /// The possible values of an axis, for help texts.
  public static let about = SweepValues.about

  /// Reads the text of an option, or throws `DocumentError` if it is not `key=values` with a parameter's path and
  /// YAML values.
  public init(_ text: String) throws(DocumentError) {
    let (path, values) = try ParameterPath.split(text, option: "--sweep", example: "solver.epsilon=1e-3,1e-2")
    let option = "--sweep \(text)"
    let isWhole = values.hasPrefix("[") || SweepValues.isRule(values)
    let node = try Node(yaml: isWhole ? values : "[\(values)]", option: option)
    axis = Sweep.Axis(path: path, place: .option(option), values: try SweepValues.read(node))
  }
}

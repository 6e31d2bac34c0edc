import Figures
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// The figures of a solver's answer, drawn from its arrays alone, so that they can be drawn again.
public struct SolutionFigures {
  private let arrays: [String: NumericArray]

  /// Reads the arrays that the figures need.
  ///
  /// - Parameters:
  ///   - names: the names of the available arrays.
  ///   - read: returns the array of a name; called once for each array that is needed.
  /// - Throws: The error of `read`.
  public init<Failure: Error>(_ names: [String], read: (String) throws(Failure) -> NumericArray) throws(Failure) {
    var arrays: [String: NumericArray] = [:]
    for name in Self.drawnNames where names.contains(name) { arrays[name] = try read(name) }
    self.arrays = arrays
  }

  /// Creates the figures of an answer.
  public init(_ answer: SolverAnswer) {
    arrays = Dictionary(answer.datasets(plans: .dense).map { ($0.name, $0.array) }) { first, _ in first }
  }

  /// All figures: the solution, the potentials, and the trace, as far as the answer has them.
  public var all: [Figure] {
    [
      ("solution", "Solution", solution), ("potentials", "Dual potentials", potentials),
      ("trace", "History of the iteration", trace),
    ].compactMap { name, title, panels in
      panels.isEmpty ? nil : Figure(name: name, title: title, panels: panels, columns: 4)
    }
  }

  /// Returns the solution and the trace in one figure, or nil if there is nothing to draw.
  public func summary(title: String) -> Figure? {
    let panels = solution + trace
    return panels.isEmpty ? nil : Figure(name: "solution", title: title, panels: panels, columns: 4)
  }

  private var solution: [Panel] { images + embeddings + plans }

  private func matrix(_ name: String) -> Matrix? {
    arrays[name].flatMap { $0.shape.count == 2 && !$0.elements.isEmpty ? $0.matrix : nil }
  }

  private func vector(_ name: String) -> [Double]? {
    arrays[name].flatMap { $0.shape.count == 1 && !$0.elements.isEmpty ? $0.elements : nil }
  }

  /// A barycenter as an image or as weights along a line.
  private var images: [Panel] {
    if let image = matrix("barycenter") {
      let largest = image.elements.max() ?? 0
      return [.image(ImagePanel(title: "barycenter", ink: largest > 0 ? image.map { $0 / largest } : image))]
    }
    if let weights = vector("barycenter") {
      return [
        .lines(LinePanel(title: "barycenter", xLabel: "point", yLabel: "weight", curves: [Self.curve("", weights)]))
      ]
    }
    return matrix("distances").map {
      [
        .heatMap(
          HeatMapPanel(
            title: "distances", xLabel: "point", yLabel: "point", scaleLabel: "distance", matrix: $0.pooled()))
      ]
    } ?? []
  }

  /// Points in the plane, by their first two coordinates.
  private var embeddings: [Panel] {
    func group(_ name: String, _ array: String, _ color: Int, _ marker: Marker) -> ScatterPanel.Group? {
      matrix(array).flatMap { points in
        points.columns < 2
          ? nil
          : ScatterPanel.Group(
            name: name, points: Matrix(rows: points.rows, columns: 2) { points[$0, $1] }, colour: color, marker: marker)
      }
    }
    let groups = [
      group("first", "points_first", 0, .disc), group("second", "points_second", 1, .triangle),
      group("points", "points", 0, .disc),
    ].compactMap { $0 }
    return groups.isEmpty
      ? []
      : [
        .scatter(
          ScatterPanel(title: "embedding", xLabel: "first coordinate", yLabel: "second coordinate", groups: groups))
      ]
  }

  private static let planNames =
    ["plan", "sample_plan", "feature_plan", "P0", "P1", "Q0", "Q1"] + (0..<9).map { "plan\($0)" }

  private static let potentialNames = [("f", "g"), ("f_samples", "g_samples"), ("f_features", "g_features")]
  private static let drawnNames =
    [
      "barycenter", "distances", "points_first", "points_second", "points", "trace/iteration", "trace/objective",
      "trace/residual",
    ]
    + planNames + potentialNames.flatMap { [$0.0, $0.1] }

  private var plans: [Panel] {
    Self.planNames.compactMap { name in
      matrix(name).map {
        .heatMap(
          HeatMapPanel(
            title: name.replacing("_", with: " "), xLabel: "target point", yLabel: "source point", scaleLabel: "mass",
            matrix: $0.pooled()))
      }
    }
  }

  private var potentials: [Panel] {
    Self.potentialNames.compactMap { names in
      guard let f = vector(names.0), let g = vector(names.1) else { return nil }
      return .lines(
        LinePanel(
          title: "potentials in descending order", xLabel: "rank", yLabel: "potential",
          curves: [
            Self.curve(names.0, f.filter(\.isFinite).sorted(by: >)),
            Self.curve(names.1, g.filter(\.isFinite).sorted(by: >)),
          ]))
    }
  }

  private var trace: [Panel] {
    guard let iterations = vector("trace/iteration"), iterations.count > 1 else { return [] }
    func panel(_ title: String, _ name: String, isLogarithmic: Bool) -> Panel? {
      vector("trace/\(name)").map { values in
        .lines(
          LinePanel(
            title: title, xLabel: "iteration", yLabel: name, curves: [.init(name: "", x: iterations, y: values)],
            isYLogarithmic: isLogarithmic && values.contains { $0 > 0 }))
      }
    }
    return [panel("objective", "objective", isLogarithmic: false), panel("residual", "residual", isLogarithmic: true)]
      .compactMap { $0 }
  }

  private static func curve(_ name: String, _ values: [Double]) -> LinePanel.Curve {
    .init(name: name, x: values.indices.map(Double.init), y: values)
  }
}

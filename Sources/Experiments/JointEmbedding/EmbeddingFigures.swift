import Datasets
import Figures
import LinearAlgebra
import Pipeline

/// The figures of the spaces, of their images, and of the starts.
struct EmbeddingFigures {
  private let positions: [Matrix]
  private let colors: [[Double]]
  private let images: [Matrix]
  private let starts: (value: [Double], error: [Double])
  private let names: [String]
  private let surface: EmbeddingTarget.Surface
  /// Whether the second space's colors are reversed, because its image is mirrored relative to the first one's.
  private let isMirrored: Bool

  /// Reads the stored arrays.
  ///
  /// - Parameters:
  ///   - stored: the arrays of the run.
  ///   - names: the names of the spaces.
  ///   - surface: the target surface.
  ///   - areRectangles: whether both spaces are rectangles, whose two ends distances cannot tell apart.
  /// - Throws: `DataError` if an array cannot be read.
  init(_ stored: StoredArrays, names: [String], surface: EmbeddingTarget.Surface, areRectangles: Bool) throws {
    self.names = names
    self.surface = surface
    positions = try ["first", "second"].map { try stored.array("\($0)/positions").matrix }
    let given = try ["first", "second"].map { try stored.array("\($0)/colours").elements }
    let images = try ["first", "second"].map { try stored.array("\($0)/images").matrix }
    self.images = images
    let turned = Self.reversed(given[1])
    isMirrored = areRectangles && Self.mismatch(images, [given[0], turned]) < Self.mismatch(images, given)
    colors = [given[0], isMirrored ? turned : given[1]]
    starts = (try stored.array("starts/value").elements, try stored.array("starts/alignmentError").elements)
  }

  private static func reversed(_ colors: [Double]) -> [Double] {
    let sum = (colors.min() ?? 0) + (colors.max() ?? 0)
    return colors.map { sum - $0 }
  }

  /// Returns the mean color difference between points of the second image and the nearest points of the first.
  private static func mismatch(_ images: [Matrix], _ colors: [[Double]]) -> Double {
    (0..<images[1].rows).reduce(0) { sum, row in
      let distances = (0..<images[0].rows).map { squaredDistance(images[1][row: row], images[0][row: $0]) }
      guard let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }) else { return sum }
      return sum + abs(colors[1][row] - colors[0][nearest])
    }
  }

  var all: [Figure] {
    starts.value.count > 1 && !starts.error.contains(where: \.isNaN) ? [embedding, basins] : [embedding]
  }

  private var embedding: Figure {
    let spaces = (0..<2).map { Panel.cloud(CloudPanel(title: names[$0], points: positions[$0], values: colors[$0])) }
    let embedded = (0..<2).map {
      Panel.cloud(CloudPanel(title: "\(names[$0]), embedded", points: images[$0], values: colors[$0]))
    }
    let count = images.map(\.rows)
    let both = Matrix(rows: count[0] + count[1], columns: images[0].columns) { row, axis in
      row < count[0] ? images[0][row, axis] : images[1][row - count[0], axis]
    }
    let together: Panel =
      surface == .plane
      ? .scatter(
        ScatterPanel(
          title: "both images", xLabel: "", yLabel: "",
          groups: [
            .init(name: names[0], points: images[0], colour: 0, marker: .circle),
            .init(name: names[1], points: images[1], colour: 1, marker: .cross),
          ]))
      : .cloud(
        CloudPanel(title: "both images, by space", points: both, values: (0..<both.rows).map { $0 < count[0] ? 0 : 1 }))
    let place = surface == .plane ? "the plane" : "a \(surface.rawValue)"
    return Figure(
      name: "embedding",
      title:
        """
        Two spaces, embedded jointly into \(place); equal colors mark corresponding \
        parts\(isMirrored ? " up to the rectangle's mirror image" : "")
        """,
      panels: spaces + embedded + [together],
      panelSize: (560, 440), columns: 2)
  }

  private var basins: Figure {
    Figure(
      name: "starts", title: "All starts: value and true error",
      panels: [
        .lines(
          LinePanel(
            title: "one point per start", xLabel: "rank by value", yLabel: "alignment error",
            curves: [
              .init(
                name: "alignment error", x: (1...starts.value.count).map(Double.init),
                y: starts.value.indices.sorted { starts.value[$0] < starts.value[$1] }.map { starts.error[$0] })
            ]))
      ], panelSize: (700, 460))
  }
}

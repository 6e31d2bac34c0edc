import LinearAlgebra

/// A picture as values: panels in rows under one title. Rendering is `FigureRenderer`'s work.
public struct Figure: Sendable {
  /// The file name without ending: lower case, hyphens.
  public let name: String
  public let title: String
  public let panels: [Panel]
  /// Panels in a row before the next begins.
  public let columns: Int
  var rows: Int { (panels.count + columns - 1) / columns }
  /// Pixels of one panel; the figure grows with their number.
  public let panelSize: (width: Int, height: Int)

  public init(name: String, title: String, panels: [Panel], panelSize: (width: Int, height: Int) = (640, 600), columns: Int = 6) {
    precondition(!panels.isEmpty, "a figure has at least one panel")
    self.name = name
    self.title = title
    self.panels = panels
    self.panelSize = panelSize
    self.columns = min(max(columns, 1), panels.count)
  }
}

public enum Panel: Sendable {
  case scatter(ScatterPanel)
  case lines(LinePanel)
  case heatMap(HeatMapPanel)
  case image(ImagePanel)
  case cloud(CloudPanel)
}

/// The marks that tell point groups apart without colour.
public enum Marker: Sendable {
  case disc, circle, triangle, cross

  /// gnuplot's number of the mark.
  var pointType: Int {
    switch self {
    case .disc: 7
    case .circle: 6
    case .triangle: 8
    case .cross: 2
    }
  }
}

/// Points in the plane, in groups.
public struct ScatterPanel: Sendable {
  public struct Group: Sendable {
    public let name: String
    /// n×2.
    public let points: Matrix
    /// Which colour of the palette; groups that belong together share it.
    public let colour: Int
    public let marker: Marker

    public init(name: String, points: Matrix, colour: Int, marker: Marker) {
      precondition(points.columns == 2, "a scatter shows points of the plane")
      self.name = name
      self.points = points
      self.colour = colour
      self.marker = marker
    }
  }

  public let title: String
  public let xLabel: String
  public let yLabel: String
  public let groups: [Group]
  /// Whether both axes have one scale, since distances are what is looked at.
  public let hasOneScale: Bool

  public init(title: String, xLabel: String, yLabel: String, groups: [Group], hasOneScale: Bool = true) {
    self.hasOneScale = hasOneScale
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.groups = groups
  }
}

/// Points of the plane or of space, each in the colour of a value, without axes: shapes are what is looked at.
public struct CloudPanel: Sendable {
  public let title: String
  /// n×2 or n×3; the third coordinate points up.
  public let points: Matrix
  public let values: [Double]

  public init(title: String, points: Matrix, values: [Double]) {
    precondition(
      (2...3).contains(points.columns) && points.rows == values.count, "a cloud has a value for each point of the plane or space")
    self.title = title
    self.points = points
    self.values = values
  }
}

/// Curves over a common axis.
public struct LinePanel: Sendable {
  public struct Curve: Sendable {
    public let name: String
    public let x: [Double]
    public let y: [Double]
    /// Half the length of a bar at each point, such as a standard deviation; nil draws none.
    public let deviations: [Double]?

    public init(name: String, x: [Double], y: [Double], deviations: [Double]? = nil) {
      precondition(x.count == y.count && deviations?.count ?? y.count == y.count, "a curve has as many x as y")
      self.name = name
      self.x = x
      self.y = y
      self.deviations = deviations
    }
  }

  public let title: String
  public let xLabel: String
  public let yLabel: String
  public let curves: [Curve]
  /// Logarithmic axes; values that are not positive are left out.
  public let isXLogarithmic: Bool
  public let isYLogarithmic: Bool
  /// What the curves differ in, above their names; nil where the names say it.
  public let keyTitle: String?

  public init(
    title: String, xLabel: String, yLabel: String, curves: [Curve], isXLogarithmic: Bool = false, isYLogarithmic: Bool = false,
    keyTitle: String? = nil
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.curves = curves
    self.isXLogarithmic = isXLogarithmic
    self.isYLogarithmic = isYLogarithmic
    self.keyTitle = keyTitle
  }
}

/// A matrix as colours, its first row on top.
public struct HeatMapPanel: Sendable {
  /// A run of rows or columns with a common name, `range` in cells of `matrix`.
  public struct Block: Sendable {
    public let name: String
    public let range: Range<Double>

    public init(name: String, range: Range<Double>) {
      self.name = name
      self.range = range
    }
  }

  public let title: String
  public let xLabel: String
  public let yLabel: String
  public let scaleLabel: String
  public let matrix: Matrix
  public let rowBlocks: [Block]
  public let columnBlocks: [Block]

  public init(
    title: String, xLabel: String, yLabel: String, scaleLabel: String, matrix: Matrix, rowBlocks: [Block] = [], columnBlocks: [Block] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.scaleLabel = scaleLabel
    self.matrix = matrix
    self.rowBlocks = rowBlocks
    self.columnBlocks = columnBlocks
  }
}

/// A picture in colours of its own, without axes, its first row on top.
public struct ImagePanel: Sendable {
  public let title: String
  /// Red, green and blue in [0, 1], matrices of one shape; what lies outside is cut.
  public let channels: (red: Matrix, green: Matrix, blue: Matrix)

  public init(title: String, red: Matrix, green: Matrix, blue: Matrix) {
    precondition(red.rows == green.rows && red.rows == blue.rows, "channels have one shape")
    precondition(red.columns == green.columns && red.columns == blue.columns, "channels have one shape")
    self.title = title
    channels = (red, green, blue)
  }

  /// Ink on white: 0 is white, 1 black.
  public init(title: String, ink: Matrix) {
    let light = ink.map { 1 - $0 }
    self.init(title: title, red: light, green: light, blue: light)
  }

  /// What each category's colour is called, with the category's name: "blue: left, orange: right".
  public static func key(_ categories: [String]) -> String {
    categories.enumerated().map { "\(HouseStyle.name($0.offset)): \($0.element)" }.joined(separator: ", ")
  }

  /// Ink of many colours on white: how much of each category's colour a pixel has; the shares of a pixel sum to at most 1.
  public init(title: String, categories: [Matrix]) {
    precondition(!categories.isEmpty, "a picture of categories has at least one")
    let palette = categories.indices.map { HouseStyle.components($0) }
    let channels = (0..<3).map { channel in
      Matrix(rows: categories[0].rows, columns: categories[0].columns) { i, j in
        1 - categories.indices.reduce(0) { $0 + categories[$1][i, j] * (1 - palette[$1][channel]) }
      }
    }
    self.init(title: title, red: channels[0], green: channels[1], blue: channels[2])
  }
}

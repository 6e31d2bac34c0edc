import LinearAlgebra

/// A figure as a value: panels in rows under one title, which `FigureRenderer` draws.
public struct Figure: Sendable {
  /// The file name without extension.
  public let name: String
  /// The title above all panels.
  public let title: String
  /// The panels in reading order.
  public let panels: [Panel]
  /// The number of panels in a row.
  public let columns: Int
  var rows: Int { (panels.count + columns - 1) / columns }
  /// The size of one panel in pixels; the figure grows with the number of panels.
  public let panelSize: (width: Int, height: Int)

  /// Creates a figure of at least one panel.
  public init(
    name: String, title: String, panels: [Panel], panelSize: (width: Int, height: Int) = (640, 600), columns: Int = 6
  ) {
    precondition(!panels.isEmpty, "a figure has at least one panel")
    self.name = name
    self.title = title
    self.panels = panels
    self.panelSize = panelSize
    self.columns = min(max(columns, 1), panels.count)
  }
}

/// One plot of a figure.
public enum Panel: Sendable {
  /// Points in the plane, in groups.
  case scatter(ScatterPanel)
  /// Curves over a common axis.
  case lines(LinePanel)
  /// A matrix as colors.
  case heatMap(HeatMapPanel)
  /// A picture in its own colors.
  case image(ImagePanel)
  /// Points of the plane or of space, colored by a value.
  case cloud(CloudPanel)
}

/// Markers that distinguish groups of points without color.
public enum Marker: Sendable {
  /// A filled circle.
  case disc
  /// An open circle.
  case circle
  /// A filled triangle.
  case triangle
  /// A diagonal cross.
  case cross

  /// The number of the marker in gnuplot.
  var pointType: Int {
    switch self {
    case .disc: 7
    case .circle: 6
    case .triangle: 8
    case .cross: 2
    }
  }
}

/// A plot of groups of points in the plane.
public struct ScatterPanel: Sendable {
  /// A group of points with a common color and marker.
  public struct Group: Sendable {
    /// The name of the group in the legend.
    public let name: String
    /// The points, n × 2.
    public let points: Matrix
    /// The index of the color in the palette; groups that belong together share it.
    public let colour: Int
    /// The marker of the points.
    public let marker: Marker

    /// Creates a group of points in the plane.
    public init(name: String, points: Matrix, colour: Int, marker: Marker) {
      precondition(points.columns == 2, "a scatter shows points of the plane")
      self.name = name
      self.points = points
      self.colour = colour
      self.marker = marker
    }
  }

  /// The title of the panel.
  public let title: String
  /// The label of the x axis.
  public let xLabel: String
  /// The label of the y axis.
  public let yLabel: String
  /// The groups of points in the order of the legend.
  public let groups: [Group]
  /// Whether both axes have the same scale, as needed to compare distances.
  public let hasOneScale: Bool

  /// Creates a scatter plot; by default both axes have the same scale.
  public init(title: String, xLabel: String, yLabel: String, groups: [Group], hasOneScale: Bool = true) {
    self.hasOneScale = hasOneScale
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.groups = groups
  }
}

/// A plot of points of the plane or of space without axes, each colored by a value, which shows shapes.
public struct CloudPanel: Sendable {
  /// The title of the panel.
  public let title: String
  /// The points, n × 2 or n × 3; the third coordinate points up.
  public let points: Matrix
  /// The value of each point, shown as its color.
  public let values: [Double]

  /// Creates a plot with a value for each point.
  public init(title: String, points: Matrix, values: [Double]) {
    precondition(
      (2...3).contains(points.columns) && points.rows == values.count,
      "a cloud has a value for each point of the plane or space")
    self.title = title
    self.points = points
    self.values = values
  }
}

/// A plot of curves over a common axis.
public struct LinePanel: Sendable {
  /// A curve given by its points.
  public struct Curve: Sendable {
    /// The name of the curve in the legend.
    public let name: String
    /// The x coordinates of the points.
    public let x: [Double]
    /// The y coordinates of the points.
    public let y: [Double]
    /// Half the length of an error bar at each point, such as a standard deviation; nil draws none.
    public let deviations: [Double]?

    /// Creates a curve with as many x as y coordinates.
    public init(name: String, x: [Double], y: [Double], deviations: [Double]? = nil) {
      precondition(x.count == y.count && deviations?.count ?? y.count == y.count, "a curve has as many x as y")
      self.name = name
      self.x = x
      self.y = y
      self.deviations = deviations
    }
  }

  /// The title of the panel.
  public let title: String
  /// The label of the x axis.
  public let xLabel: String
  /// The label of the y axis.
  public let yLabel: String
  /// The curves in the order of the legend.
  public let curves: [Curve]
  /// Whether the x axis is logarithmic; values that are not positive are then left out.
  public let isXLogarithmic: Bool
  /// Whether the y axis is logarithmic; values that are not positive are then left out.
  public let isYLogarithmic: Bool
  /// The title of the legend, such as the parameter in which the curves differ; nil for none.
  public let keyTitle: String?

  /// Creates a plot of curves.
  public init(
    title: String, xLabel: String, yLabel: String, curves: [Curve], isXLogarithmic: Bool = false,
    isYLogarithmic: Bool = false,
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

/// A plot of a matrix as colors, with the first row on top.
public struct HeatMapPanel: Sendable {
  /// A range of rows or columns with a common name.
  public struct Block: Sendable {
    /// The name of the block.
    public let name: String
    /// The range in cells of the matrix.
    public let range: Range<Double>

    /// Creates a block from a name and a range of matrix cells.
    public init(name: String, range: Range<Double>) {
      self.name = name
      self.range = range
    }
  }

  /// The title of the panel.
  public let title: String
  /// The label of the x axis.
  public let xLabel: String
  /// The label of the y axis.
  public let yLabel: String
  /// The label of the color scale.
  public let scaleLabel: String
  /// The values of the heat map, with row 0 at the top.
  public let matrix: Matrix
  /// The blocks of rows; empty for none.
  public let rowBlocks: [Block]
  /// The blocks of columns; empty for none.
  public let columnBlocks: [Block]

  /// Creates a plot of a matrix.
  public init(
    title: String, xLabel: String, yLabel: String, scaleLabel: String, matrix: Matrix, rowBlocks: [Block] = [],
    columnBlocks: [Block] = []
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

/// A picture in its own colors without axes, with the first row on top.
public struct ImagePanel: Sendable {
  /// The title of the panel.
  public let title: String
  /// The red, green, and blue channels, three matrices of one shape; values outside [0, 1] are clipped.
  public let channels: (red: Matrix, green: Matrix, blue: Matrix)

  /// Creates a picture from its channels.
  public init(title: String, red: Matrix, green: Matrix, blue: Matrix) {
    precondition(red.rows == green.rows && red.rows == blue.rows, "channels have one shape")
    precondition(red.columns == green.columns && red.columns == blue.columns, "channels have one shape")
    self.title = title
    channels = (red, green, blue)
  }

  /// Creates a picture of ink on white: 0 is white and 1 is black.
  public init(title: String, ink: Matrix) {
    let light = ink.map { 1 - $0 }
    self.init(title: title, red: light, green: light, blue: light)
  }

  /// Returns the name of each category's color, as in "blue: left, orange: right".
  public static func key(_ categories: [String]) -> String {
    categories.enumerated().map { "\(HouseStyle.name($0.offset)): \($0.element)" }.joined(separator: ", ")
  }

  /// Creates a picture of colored ink on white from the share of each category in each pixel; a pixel's shares sum to
  /// at most 1.
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

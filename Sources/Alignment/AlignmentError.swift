import Learning
import OptimalTransport

/// What keeps two modalities from being aligned. Its description is one sentence.
public enum AlignmentError: Error, Equatable, CustomStringConvertible, Sendable {
  /// Fewer cells than an alignment makes sense for.
  case tooFew(name: String, cells: Int)
  case noFeatures(name: String)
  /// Where views compare a cell's features with each other.
  case oneFeature(name: String)
  case notFinite(name: String, row: Int, column: Int, value: Double)
  /// Features so large or so small that squares of all distances leave the range of numbers.
  case outOfRange(name: String, magnitude: Double)
  /// All cells lie in one point.
  case coincident(name: String, base: ViewRecipe.Base)
  case graph(name: String, GraphError)
  case parameter(ProblemError)

  public var description: String {
    switch self {
    case .tooFew(let name, let cells): "\(name): has \(cells) cells, but at least \(MultiViewProblem.fewestCells) were expected"
    case .noFeatures(let name): "\(name): has no features"
    case .oneFeature(let name):
      "\(name): has one feature, but at least 2 were expected: several views compare the features of a cell with each other"
    case .notFinite(let name, let row, let column, let value):
      "\(name): holds \(value) in row \(row), column \(column) (from 0), but only finite features can be aligned"
    case .outOfRange(let name, let magnitude):
      "\(name): its largest feature is \(magnitude) in magnitude, too \(magnitude < 1 ? "small" : "large") to compute distances with; "
        + "scale the features to between 1e-100 and 1e100"
    case .coincident(let name, let base):
      "\(name): all cells coincide in \(base.words), so that there is nothing to align"
    case .graph(let name, let error): "\(name): \(error)"
    case .parameter(let error): "\(error)"
    }
  }
}

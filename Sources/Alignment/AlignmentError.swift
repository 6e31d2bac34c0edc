import Learning
import OptimalTransport

/// A reason why two modalities cannot be aligned.
public enum AlignmentError: Error, Equatable, CustomStringConvertible, Sendable {
  /// A modality has fewer cells than `MultiViewProblem.fewestCells`.
  case tooFew(name: String, cells: Int)
  /// A modality has no features.
  case noFeatures(name: String)
  /// A modality has one feature, but some views compare the features of a cell with each other.
  case oneFeature(name: String)
  /// A feature is NaN or infinite.
  case notFinite(name: String, row: Int, column: Int, value: Double)
  /// The features are so large or so small that squared distances overflow or underflow.
  case outOfRange(name: String, magnitude: Double)
  /// All cells of a modality coincide in the features that a view is based on.
  case coincident(name: String, base: ViewRecipe.Base)
  /// A neighborhood graph cannot be built from a modality.
  case graph(name: String, GraphError)
  /// A setting is out of range.
  case parameter(ProblemError)

  /// One sentence that names the modality and says what is wrong.
  public var description: String {
    switch self {
    case .tooFew(let name, let cells):
      "\(name): has \(cells) cells, but at least \(MultiViewProblem.fewestCells) were expected"
    case .noFeatures(let name): "\(name): has no features"
    case .oneFeature(let name):
      """
      \(name): has one feature, but at least 2 were expected: several views compare the features of a cell with each \
      other
      """
    case .notFinite(let name, let row, let column, let value):
      """
      \(name): holds \(value) in row \(row), column \(column) (counted from 0), but only finite features can be aligned
      """
    case .outOfRange(let name, let magnitude):
      """
      \(name): its largest feature is \(magnitude) in magnitude, too \(magnitude < 1 ? "small" : "large") for \
      computing distances; 
      """
        + "scale the features to between 1e-100 and 1e100"
    case .coincident(let name, let base):
      "\(name): all cells coincide in \(base.words), so there is nothing to align"
    case .graph(let name, let error): "\(name): \(error)"
    case .parameter(let error): "\(error)"
    }
  }
}

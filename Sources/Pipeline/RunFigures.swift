import Datasets
import Documents
import Figures
import Runs

/// The figures of a run, drawn from its `arrays.h5`.
public struct RunFigures {
  private let arrays: String
  private let experiment: any Experiment
  private static let recipeName = "otlab"

  /// Of nothing but the file, which carries what the kind needs to know beside the arrays.
  ///
  /// - Parameters:
  ///   - arrays: the path of an `arrays.h5`.
  ///   - registry: the kinds that it may be of.
  /// - Throws: `DataError` when the file cannot be read, `DocumentError` when it is of no run.
  public init(arrays: String, registry: Registry) throws {
    let recipe = try RunRecipe(Value(json: try HDF5.text(arrays, attribute: Self.recipeName), path: arrays), at: .file(arrays))
    self.init(arrays: arrays, of: try ReadCase(recipe, among: registry, at: .file(arrays)).experiment)
  }

  /// Of an experiment that has just run.
  init(arrays: String, of experiment: any Experiment) {
    self.arrays = arrays
    self.experiment = experiment
  }

  /// Draws the figures into a folder.
  ///
  /// - Returns: the paths of the pictures.
  @discardableResult
  public func draw(into folder: String, format: FigureFormat) throws -> [String] {
    let renderer = FigureRenderer(folder: folder)
    return try experiment.figures(StoredArrays(path: arrays)).map { try renderer.render($0, format: format) }
  }

  /// The attribute in which a run's arrays carry what their pictures are drawn by.
  static func attribute(_ recipe: RunRecipe) -> (name: String, text: String) { (recipeName, recipe.value.json()) }
}

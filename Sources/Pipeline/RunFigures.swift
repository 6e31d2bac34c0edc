import Datasets
import Documents
import Figures
import Runs

/// The figures of a run, drawn from its `arrays.h5`.
public struct RunFigures {
  private let arrays: String
  private let experiment: any Experiment
  private static let recipeName = "otlab"

  /// Reads what the figures need from an array file alone.
  ///
  /// - Parameters:
  ///   - arrays: the path of an `arrays.h5`.
  ///   - registry: the known kinds.
  /// - Throws: `DataError` if the file cannot be read, `DocumentError` if it is not from a run.
  public init(arrays: String, registry: Registry) throws {
    let recipe = try RunRecipe(
      Value(json: try HDF5.text(arrays, attribute: Self.recipeName), path: arrays), at: .file(arrays))
    self.init(arrays: arrays, of: try ReadCase(recipe, among: registry, at: .file(arrays)).experiment)
  }

  /// Creates the figures of an experiment that has just run.
  init(arrays: String, of experiment: any Experiment) {
    self.arrays = arrays
    self.experiment = experiment
  }

  /// Draws the figures into a folder.
  ///
  /// - Parameters:
  ///   - folder: the folder, created if necessary.
  ///   - format: the file format.
  /// - Returns: The paths of the figures.
  /// - Throws: `FigureError` if a figure cannot be drawn, `DataError` if the arrays cannot be read.
  @discardableResult
  public func draw(into folder: String, format: FigureFormat) throws -> [String] {
    let renderer = FigureRenderer(folder: folder)
    return try experiment.figures(StoredArrays(path: arrays)).map { try renderer.render($0, format: format) }
  }

  /// Returns the attribute of `arrays.h5` that holds the recipe of the figures.
  static func attribute(_ recipe: RunRecipe) -> (name: String, text: String) { (recipeName, recipe.value.json()) }
}

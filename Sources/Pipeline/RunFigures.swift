import Datasets
import Documents
import Figures
import Runs

/// The figures of a run, drawn from its `arrays.h5` and nothing else: the file carries what the kind needs to know beside the arrays.
public struct RunFigures {
  private let arrays: String
  private let registry: Registry
  private static let recipeName = "otlab"

  /// - Parameters:
  ///   - arrays: the path of an `arrays.h5`.
  ///   - registry: the kinds that it may be of.
  public init(arrays: String, registry: Registry) {
    self.arrays = arrays
    self.registry = registry
  }

  /// Draws the figures into a folder.
  ///
  /// - Returns: the paths of the pictures.
  @discardableResult
  public func draw(into folder: String, format: FigureFormat) throws -> [String] {
    let place = Place.file(arrays)
    let recipe = try RunRecipe(Value(json: try HDF5.text(arrays, attribute: Self.recipeName), path: arrays), at: place)
    let experiment = try Self.experiment(of: recipe, among: registry, at: place)
    let renderer = FigureRenderer(folder: folder)
    return try experiment.figures(StoredArrays(path: arrays)).map { try renderer.render($0, format: format) }
  }

  /// The attribute in which a run's arrays carry what their pictures are drawn by.
  static func attribute(_ recipe: RunRecipe) -> (name: String, text: String) { (recipeName, recipe.value.json()) }

  /// The experiment that a run was of.
  static func experiment(of recipe: RunRecipe, among registry: Registry, at place: Place) throws(DocumentError) -> any Experiment {
    func part(_ name: String, _ value: Value) throws(DocumentError) -> Node {
      try Node(value, at: place).merging(Node(recipe.styling[name] ?? [:], at: place))
    }
    let identity = recipe.identity
    let body = try CaseBody(
      data: part("data", identity.data), params: part("params", identity.params), solver: part("solver", identity.solver),
      seed: identity.seed)
    return try registry.kind(identity.kind, at: place).reading(body)
  }
}

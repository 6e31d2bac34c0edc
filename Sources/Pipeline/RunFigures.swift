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
    let recipe = try Value(json: try HDF5.text(arrays, attribute: Self.recipeName), path: arrays)
    let experiment = try Self.experiment(of: recipe, among: registry, at: .file(arrays))
    let renderer = FigureRenderer(folder: folder)
    return try experiment.figures(StoredArrays(path: arrays)).map { try renderer.render($0, format: format) }
  }

  /// What a run's arrays carry of its job: resolved document and styling.
  static func recipe(of job: Value) -> (name: String, text: String) {
    (recipeName, Value.object(["document": job["document"] ?? .null, "styling": job["styling"] ?? [:]]).json())
  }

  /// The experiment that a job or a recipe describes.
  static func experiment(of record: Value, among registry: Registry, at place: Place) throws(DocumentError) -> any Experiment {
    guard let document = record["document"], let kind = document["kind"]?.string else {
      throw DocumentError(place: place, problem: "holds no resolved document")
    }
    func part(_ name: String) throws(DocumentError) -> Node {
      try Node(document[name] ?? [:], at: place).merging(Node(record["styling"]?[name] ?? [:], at: place))
    }
    let body = try CaseBody(
      data: try part("data"), params: try part("params"), solver: try part("solver"), seed: document["seed"]?.integer ?? 0)
    return try registry.kind(kind, at: place).reading(body)
  }
}

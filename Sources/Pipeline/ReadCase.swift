import Documents
import Manifests
import Runs

/// A case as its kind has read it, whether from a row of a manifest or from the record of a run.
public struct ReadCase: Sendable {
  /// The experiment with all its settings.
  public let experiment: any Experiment
  /// The settings in `data` that can change a result, with all defaults.
  public let data: Value
  /// The settings in `params` that can change a result, with all defaults.
  public let params: Value
  /// The settings in `solver` that can change a result, with all defaults.
  public let solver: Value
  /// The settings that only change how results look.
  public let styling: Value

  private init(_ body: CaseBody, by kind: any Experiment.Type) throws(DocumentError) {
    experiment = try kind.init(body)
    try body.finish()
    data = body.data.resolved
    params = body.params.resolved
    solver = body.solver.resolved
    styling = body.styling
  }

  /// Reads a row of a manifest, or throws `DocumentError` if the kind cannot read it or an input names no file.
  init(_ row: Case, by kind: any Experiment.Type) throws(DocumentError) {
    try self.init(CaseBody(data: row.data, params: row.params, solver: row.solver, seed: row.seeds[0]), by: kind)
    for input in experiment.inputs where input.source == nil && input.file == nil {
      throw DocumentError(place: row.data.place, problem: "'\(input.role)' names no file; source or file was expected")
    }
  }

  /// Reads a run from its record or its arrays.
  ///
  /// - Parameters:
  ///   - recipe: what decided the run's result and its look.
  ///   - registry: the known kinds.
  ///   - place: the file that holds the recipe.
  /// - Throws: `DocumentError` if the kind is unknown or cannot read the recipe.
  init(_ recipe: RunRecipe, among registry: Registry, at place: Place) throws(DocumentError) {
    func part(_ name: String, _ value: Value) throws(DocumentError) -> Node {
      try Node(value, at: place).merging(Node(recipe.styling[name] ?? [:], at: place))
    }
    let identity = recipe.identity
    let body = try CaseBody(
      data: part("data", identity.data), params: part("params", identity.params),
      solver: part("solver", identity.solver),
      seed: identity.seed)
    try self.init(body, by: registry.kind(identity.kind, at: place))
  }

  /// Returns what decides the result of a run.
  func identity(seed: Int, inputs: [RunInput]) -> RunIdentity {
    let kind = type(of: experiment)
    return RunIdentity(
      kind: kind.kind, revision: kind.revision, data: data, params: params, solver: solver, seed: seed, inputs: inputs)
  }
}

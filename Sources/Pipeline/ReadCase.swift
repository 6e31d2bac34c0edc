import Documents
import Manifests
import Runs

/// A case as its kind has read it: the one way from a document to an experiment, for the rows of a manifest as for the record of a run.
public struct ReadCase: Sendable {
  public let experiment: any Experiment
  /// What was read of each part that can change a result, defaults included.
  public let data: Value
  public let params: Value
  public let solver: Value
  /// What was read that changes only how results look.
  public let styling: Value

  private init(_ body: CaseBody, by kind: any Experiment.Type) throws(DocumentError) {
    experiment = try kind.init(body)
    try body.finish()
    data = body.data.resolved
    params = body.params.resolved
    solver = body.solver.resolved
    styling = body.styling
  }

  /// Reads a row of a manifest.
  ///
  /// - Throws: `DocumentError` when the kind cannot read it, or an input names no file.
  init(_ row: Case, by kind: any Experiment.Type) throws(DocumentError) {
    try self.init(CaseBody(data: row.data, params: row.params, solver: row.solver, seed: row.seeds[0]), by: kind)
    for input in experiment.inputs where input.source == nil && input.file == nil {
      throw DocumentError(place: row.data.place, problem: "'\(input.role)' names no file; source or file was expected")
    }
  }

  /// Reads what a run was, from its record or its arrays.
  ///
  /// - Parameters:
  ///   - registry: the kinds that it may be of.
  ///   - place: the file that says it.
  init(_ recipe: RunRecipe, among registry: Registry, at place: Place) throws(DocumentError) {
    func part(_ name: String, _ value: Value) throws(DocumentError) -> Node {
      try Node(value, at: place).merging(Node(recipe.styling[name] ?? [:], at: place))
    }
    let identity = recipe.identity
    let body = try CaseBody(
      data: part("data", identity.data), params: part("params", identity.params), solver: part("solver", identity.solver),
      seed: identity.seed)
    try self.init(body, by: registry.kind(identity.kind, at: place))
  }

  /// What decides the result of a run of it.
  func identity(seed: Int, inputs: [RunInput]) -> RunIdentity {
    let kind = type(of: experiment)
    return RunIdentity(
      kind: kind.kind, revision: kind.revision, data: data, params: params, solver: solver, seed: seed, inputs: inputs)
  }
}

import Datasets
import Documents
import OptimalTransport
import SolverCatalogue
import YAML

/// A solver of the catalogue as the command line calls it: settings are texts, and inputs are files.
public struct SolverEntry: Sendable {
  private let solver: any SolverDescription.Type

  /// The name of the solver.
  public var name: String { solver.name }
  /// The inputs of the solver.
  public var inputs: [InputDescription] { solver.inputs }
  /// The settings of the solver with defaults and meaning.
  public var settings: [Question] { SolverCatalogue.settings(of: solver) }
  /// The documentation that `otlab solve --list` shows.
  public var documentation: String { SolverDocumentation(of: solver).text }

  /// All solvers in the order of their list.
  public static let all: [SolverEntry] = SolverCatalogue.solvers.map(SolverEntry.init)

  /// Returns a solver by its name, or throws `DocumentError` if there is no such solver.
  public static func named(_ name: String) throws(DocumentError) -> SolverEntry {
    SolverEntry(solver: try SolverCatalogue.named(name, at: .option("solve \(name)")))
  }

  /// Reads settings and inputs, and solves.
  ///
  /// - Parameters:
  ///   - files: the inputs.
  ///   - settings: texts `key=value`, as after `--set`.
  ///   - allowsOtherInputs: whether arrays that the solver does not know are ignored.
  ///   - monitor: receives recorded steps and may end the work, in which case the answer is the best so far.
  /// - Returns: The answer, and the settings with all defaults.
  /// - Throws: `DocumentError` for settings, `DataError` for files and for numbers that do not form a problem.
  public func solve(
    _ files: InputFiles, settings: [String], allowsOtherInputs: Bool = false, monitor: Monitor? = nil
  ) throws -> (answer: SolverAnswer, settings: Value) {
    let fields = try fields(settings)
    let configured = try ConfiguredSolver(solver, fields)
    try fields.finish()
    do {
      var answer = try configured.solve(files, allowsOthers: allowsOtherInputs, monitor: monitor)
      answer.notes = files.notes.all
      return (answer, fields.resolved)
    } catch let error as InputError {
      throw DataError(.unfit, path: error.place, problem: error.problem)
    }
  }

  private func fields(_ settings: [String]) throws(DocumentError) -> Fields {
    var node = Node([:], at: .option("solve \(name)"))
    for text in settings {
      let place = Place.option("--set \(text)")
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw DocumentError(place: place, problem: "a key and a value were expected, as in --set tolerance=1e-9")
      }
      let value = try Node(yaml: String(text[text.index(after: equals)...]), option: place.description)
      node = try node.merging(Node.nested(String(text[..<equals]), value, at: place))
    }
    return try Fields(node)
  }
}

extension InputFiles: NamedArrays {
  /// Adds a note about an input.
  public func note(_ sentence: String) { notes.add(sentence) }
}

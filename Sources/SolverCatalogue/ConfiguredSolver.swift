import Documents
import LinearAlgebra
import OptimalTransport

/// A solver of the catalogue together with its settings, ready to solve problems.
public struct ConfiguredSolver: Sendable {
  /// The name of the solver in the catalogue.
  public let name: String
  private let solver: any SolverDescription
  private let type: any SolverDescription.Type
  private let isNormalized: Bool

  /// Reads the settings of a solver; the caller checks that no key is left over.
  ///
  /// - Parameters:
  ///   - type: the description of the solver.
  ///   - settings: the settings as the user wrote them.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or a required one is absent.
  public init(_ type: any SolverDescription.Type, _ settings: Fields) throws(DocumentError) {
    name = type.name
    self.type = type
    solver = try type.init(settings)
    isNormalized =
      type.balances.isEmpty
      ? false
      : try settings.bool("normalize", default: false, about: "whether to divide each vector of weights by its sum")
  }

  /// Solves one problem.
  ///
  /// - Parameters:
  ///   - arrays: the input arrays by name.
  ///   - allowsOthers: ignores arrays that the solver does not read instead of refusing them.
  ///   - monitor: receives the recorded steps and may stop the solver, which then returns the best answer so far.
  /// - Returns: the answer, with plans, numbers, and status.
  /// - Throws: `InputError` if arrays are missing or inconsistent or there is too little memory, and any error of
  ///   reading an array.
  public func solve(_ arrays: any NamedArrays, allowsOthers: Bool = false, monitor: Monitor? = nil) throws
    -> SolverAnswer
  {
    var inputs = try ProblemInputs(arrays, of: type, allowsOthers: allowsOthers)
    try solver.memory(inputs).require(of: arrays.description)
    do {
      for weights in type.balances { inputs = try inputs.settling(weights, isNormalized: isNormalized) }
      return try solver.solve(inputs, monitor: monitor)
    } catch let error as ProblemError {
      throw InputError(place: arrays.description, problem: error.description + remedy(for: error, arrays))
    }
  }

  /// The setting under which the refused input would be accepted, as the end of a sentence; empty if there is none.
  private func remedy(for error: ProblemError, _ arrays: any NamedArrays) -> String {
    let (key, effect) =
      switch error {
      case .massMismatch: ("normalize=true", "divides each vector by its sum")
      case .asymmetric: ("symmetric=false", "accepts it as it is")
      default: ("", "")
      }
    let isKnown = SolverCatalogue.settings(of: type).contains { $0.path.last.map { key.hasPrefix($0 + "=") } ?? false }
    return isKnown ? "; \(arrays.option(key)) \(effect)" : ""
  }
}

import Documents
import LinearAlgebra
import OptimalTransport

/// A solver of the catalogue with its settings, ready for problems.
public struct ConfiguredSolver: Sendable {
  public let name: String
  private let solver: any SolverDescription
  private let type: any SolverDescription.Type
  private let isNormalized: Bool

  /// Reads the settings; the caller looks whether any are left over.
  ///
  /// - Throws: `DocumentError` where they are not what the solver reads.
  public init(_ type: any SolverDescription.Type, _ settings: Fields) throws(DocumentError) {
    name = type.name
    self.type = type
    solver = try type.init(settings)
    isNormalized =
      type.balances.isEmpty ? false : try settings.bool("normalize", default: false, about: "divides each vector of weights by its sum")
  }

  /// Solves one problem.
  ///
  /// - Parameters:
  ///   - arrays: its inputs.
  ///   - allowsOthers: passes over arrays that the solver does not know.
  ///   - monitor: is told recorded steps and may end the work; then the answer is the best so far.
  /// - Throws: `InputError` when arrays are missing or make no problem, or there is not the memory; what reading an array throws.
  public func solve(_ arrays: any NamedArrays, allowsOthers: Bool = false, monitor: Monitor? = nil) throws -> SolverAnswer {
    var inputs = try ProblemInputs(arrays, of: type, allowsOthers: allowsOthers)
    try solver.memory(inputs).require(of: arrays.description)
    do {
      for weights in type.balances { inputs = try inputs.settling(weights, isNormalized: isNormalized) }
      return try solver.solve(inputs, monitor: monitor)
    } catch let error as ProblemError {
      throw InputError(place: arrays.description, problem: error.description + remedy(for: error, arrays))
    }
  }

  /// The setting that takes what was refused, where there is one.
  private func remedy(for error: ProblemError, _ arrays: any NamedArrays) -> String {
    let (key, effect) =
      switch error {
      case .massMismatch: ("normalize=true", "divides each by its sum")
      case .asymmetric: ("symmetric=false", "takes it as it is")
      default: ("", "")
      }
    let isKnown = SolverCatalogue.settings(of: type).contains { $0.path.last.map { key.hasPrefix($0 + "=") } ?? false }
    return isKnown ? "; \(arrays.option(key)) \(effect)" : ""
  }
}

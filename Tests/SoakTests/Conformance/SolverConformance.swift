import LinearAlgebra

@testable import SolverCatalogue

/// What stands beside a solver of the catalogue in the long tests: problems drawn with ill will, a certificate of its
/// answers, and the calls of POT that it stands for.
///
/// The conformance of `NAMESolver` is the type `NAMEConformance`. The build lists one for each file of solvers
/// (`conformances`), so that a solver without one does not compile.
protocol SolverConformance: Sendable {
  associatedtype Solver: SolverDescription

  /// The functions of POT that the solver stands for, as its page for users of POT calls them; empty where there is
  /// none.
  static var pot: [String] { get }

  /// Arrays that make a problem without the optional ones. Where some stand for others there are several choices, of
  /// which one is drawn.
  static var choices: [[String]] { get }

  /// What the definition of the problem says against an answer that calls itself converged, a sentence each.
  ///
  /// - Throws: what an oracle throws that fails, which is a fault as well.
  static func faults(_ certificate: Certificate) throws -> [String]

  /// The cost in which pairs can be forbidden; nil by default, where there is none.
  static var costOfForbiddenPairs: String? { get }

  /// Whether an array that is not chosen may be drawn as well; weights are by default.
  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool

  /// The letters of an array's shape: what has one letter has one size. As the input is described by default.
  static func letters(of input: InputDescription) -> [String]

  /// A size of the solver's own; nil takes one to nine, as for all.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int?

  /// Values of the solver's own; nil takes masses for what has rank one and numbers for the rest, as for all.
  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray?

  /// What is set where a key has a meaning, limits or chances of the solver's own; nil draws it as for all.
  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]?
}

extension SolverConformance {
  static var costOfForbiddenPairs: String? { nil }

  static func isOptional(_ input: InputDescription, beside chosen: [String]) -> Bool { input.isVector }

  static func letters(of input: InputDescription) -> [String] { input.letters }

  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? { nil }

  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? { nil }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? { nil }
}

extension SolverConformance {
  static var name: String { Solver.name }

  static var inputs: [InputDescription] { Solver.inputs }

  /// The last parts of the settings' paths.
  static var keys: [String] { SolverCatalogue.settings(of: Solver.self).compactMap { $0.path.last } }

  /// Whether the solver rescales weights whose sums rounding has made differ.
  static var isBalanced: Bool { !Solver.balances.isEmpty }

  /// The name that its own type must have.
  static var wantedTypeName: String { String(describing: Solver.self).replacing(/Solver$/, with: "Conformance") }
}

extension InputDescription {
  /// Without the other shapes that it may have.
  var letters: [String] { (shape.split(separator: " ").first ?? "").split(separator: "×").map(String.init) }

  var isVector: Bool { letters.count == 1 }
}

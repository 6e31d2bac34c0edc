import LinearAlgebra

@testable import SolverCatalogue

/// A problem for a solver of `otlab solve`, drawn with ill will: its arrays in one file, and its settings.
struct AdversarialProblem {
  let arrays: [(name: String, array: NumericArray)]
  let settings: [String]

  /// What the solver was given, to be repeated.
  var description: String {
    settings.joined(separator: " ") + " | "
      + arrays.map { "\($0.name) \($0.array.shapeText) \($0.array.elements.prefix(12))" }.joined(separator: "; ")
  }

  func array(_ name: String) -> NumericArray? { arrays.first { $0.name == name }?.array }

  init(for conformance: any SolverConformance.Type, random: inout SeededGenerator) {
    var draw = AdversarialDraw(random)
    draw.chosen = draw.pick(conformance.choices)
    for input in conformance.inputs {
      let isDrawn = conformance.isOptional(input, beside: draw.chosen) && draw.happens(0.7)
      guard draw.chosen.contains(input.name) || isDrawn else { continue }
      let shape = conformance.letters(of: input).map { draw.size($0, of: conformance) }
      draw.arrays.append(
        (input.name, conformance.values(of: input.name, shape: shape, &draw) ?? Self.values(input.name, shape, &draw)))
    }
    Self.changeUnits(&draw)
    if let cost = conformance.costOfForbiddenPairs, !draw.isWild, draw.happens(0.3) {
      draw.arrays = draw.arrays.map { $0 == cost ? ($0, draw.forbidding($1)) : ($0, $1) }
    }
    if draw.happens(0.15) { Self.roundWeights(&draw) }
    for key in conformance.keys { draw.settings += conformance.settings(for: key, &draw) ?? draw.settings(for: key) }
    (arrays, settings, random) = (draw.arrays, draw.settings, draw.random)
  }

  private static func values(_ name: String, _ shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray {
    if shape.count == 1 { return draw.masses(shape) }
    return draw.numbers(shape, isMirrored: ["D", "W", "C", "K"].contains(name.prefix(1)), hasDiagonal: name == "K")
  }

  /// The same mass on both sides, in other units.
  private static func changeUnits(_ draw: inout AdversarialDraw) {
    guard draw.happens(0.2) else { return }
    let unit = draw.pick([1e-30, 1e-12, 1e12, 1e30])
    draw.arrays = draw.arrays.map { name, array in
      ["a", "b"].contains(name)
        ? (name, NumericArray(shape: array.shape, elements: array.elements.map { unit * $0 })) : (name, array)
    }
  }

  /// Rounds weights to single precision.
  private static func roundWeights(_ draw: inout AdversarialDraw) {
    draw.arrays = draw.arrays.map { name, array in
      let isWeight = array.shape.count == 1 && ["a", "b", "c", "d"].contains(name.prefix(1))
      return isWeight
        ? (name, NumericArray(shape: array.shape, elements: array.elements.map { Double(Float($0)) })) : (name, array)
    }
  }
}

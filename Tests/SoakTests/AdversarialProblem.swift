import Datasets
import Foundation
import LinearAlgebra

@testable import UserProblems

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

  private static let epsilons = ["1e-300", "1e-90", "1e-12", "1e-6", "1e-3", "0.05", "1", "1e6", "1e90"]
  private static let prices = ["0", "1e-9", "0.1", "1", "1e3", "1e12", ".inf"]
  /// Of arrays that stand for each other, one choice is made.
  private static let choices: [String: [[String]]] = [
    "emd": [["C"], ["X", "Y"]], "sinkhorn": [["C"], ["X", "Y"]], "unbalanced": [["C"], ["X", "Y"]], "uot-cone": [["D"], ["X", "Y"]],
    "gw": [["D1", "D2"], ["X", "Y"]], "entropic-gw": [["D1", "D2"], ["X", "Y"], ["X", "Y", "M"]],
    "ugw": [["D1", "D2"], ["X", "Y"], ["D1", "D2", "M"]],
    "semi-relaxed-gw": [["D1", "D2"], ["X", "Y"], ["D1", "D2", "M"]],
    "fgw": [["D1", "D2", "M"], ["X", "Y", "M"]], "fot": [["D1", "D2", "M", "K"], ["X", "Y", "M"]], "cgw": [["W1", "W2"], ["E1", "E2"]],
    "tree-gw": [["X0", "X1", "X2"], ["D0", "D1"], ["X0", "X1", "M0"]], "tree": [["C0"], ["C0", "C1"]],
    "barycenter-distances": [["X0", "X1"], ["D0", "D1", "D2"]], "smacof": [["D"]], "jmds": [["D1", "D2"], ["X", "Y"]],
    "third-lower-bound": [["D1", "D2"], ["X", "Y"]],
    "joint-embedding": [["D1", "D2"], ["X", "Y"], ["X", "Y", "DZ"], ["D1", "D2", "Z"]], "barycenter": [["A"], ["A", "C"]],
    "barycenter-gw": [["A"]],
  ]

  init(for entry: SolverEntry, random: inout SeededGenerator) {
    let isWild = random.uniform() < 0.4
    var sizes: [String: Int] = [:]
    func size(_ symbol: String, _ random: inout SeededGenerator) -> Int {
      if let known = sizes[symbol] { return known }
      let isSet = symbol == "s"
      var drawn = symbol == "2" ? 2 : random.uniform() < 0.15 ? 1 : 1 + random.integer(below: isSet ? 3 : 9)
      // One image is hardly ever asked for.
      if isSet, entry.name == "barycenter-gw", random.uniform() < 0.9 { drawn = max(2, drawn) }
      sizes[symbol] = drawn
      return drawn
    }
    let chosen = Self.choices[entry.name].map { $0[random.integer(below: $0.count)] } ?? ["X", "Y"]
    let alternatives = Set((Self.choices[entry.name] ?? []).joined())
    var arrays: [(String, NumericArray)] = []
    let isTree = ["tree-gw", "tree", "barycenter-distances"].contains(entry.name)
    let isJoined = { (name: String) in isTree && ["C", "M"].contains(name.first) }
    let nodes = Set(
      chosen.flatMap { name in name.last?.wholeNumberValue.map { isJoined(name) && entry.name == "tree" ? [$0, $0 + 1] : [$0] } ?? [] })
    for input in entry.inputs where input.name != "edges" && input.name != "alphas" && !input.name.hasPrefix("image") {
      let digit = input.name.count == 2 ? input.name.last?.wholeNumberValue : nil
      let isEdge = isJoined(input.name) && digit != nil
      let isNode = isTree && digit != nil && !isEdge
      let isOptional = !chosen.contains(input.name)
      if isOptional && (alternatives.contains(input.name) || input.name.hasSuffix("0") && !isNode || ["K", "M", "D"].contains(input.name)) {
        continue
      }
      if isEdge && isOptional { continue }
      // Weights belong to the nodes that are there.
      if isNode, !nodes.contains(digit ?? -1) || isOptional && !input.name.hasPrefix("a") { continue }
      if isOptional && random.uniform() < 0.3 { continue }
      if isTree && ["c", "rho"].contains(input.name) { continue }
      var symbols = input.shape.split(separator: " ")[0].split(separator: "×").map(String.init)
      if isNode { symbols = symbols.map { $0 == "n" ? "n\(digit ?? 0)" : $0 } }
      if isEdge { symbols = ["n\(digit ?? 0)", "n\((digit ?? 0) + 1)"] }
      // As many shares as there are spaces.
      if entry.name == "barycenter-distances", input.name == "weights" { sizes["s"] = nodes.count }
      let shape = symbols.map { size($0, &random) }
      arrays.append((input.name, Self.values(input.name, shape, of: entry.name, isWild: isWild, sizes: sizes, &random)))
    }
    if random.uniform() < 0.2 {
      // The same mass on both sides, in other units.
      let unit = [1e-30, 1e-12, 1e12, 1e30][random.integer(below: 4)]
      arrays = arrays.map { name, array in
        ["a", "b"].contains(name) ? (name, NumericArray(shape: array.shape, elements: array.elements.map { unit * $0 })) : (name, array)
      }
    }
    if !isWild, ["emd", "sinkhorn", "unbalanced", "fgw"].contains(entry.name), random.uniform() < 0.3 {
      arrays = arrays.map { ["C", "M"].contains($0.0) ? ($0.0, Self.forbidding($0.1, &random)) : $0 }
    }
    if random.uniform() < 0.15 {
      arrays = arrays.map { name, array in
        let isWeight = array.shape.count == 1 && ["a", "b", "c", "d"].contains(String(name.prefix(1)))
        return isWeight ? (name, NumericArray(shape: array.shape, elements: array.elements.map { Double(Float($0)) })) : (name, array)
      }
    }
    self.arrays = arrays
    settings = Self.settings(of: entry, given: Set(arrays.map(\.0)), isOnLine: sizes["d"] == 1, isWild: isWild, &random)
  }

  /// Forbids some pairs, by +∞ or by a cost far beyond all others, or adds such a cost to a whole row, which every plan must pay.
  private static func forbidding(_ cost: NumericArray, _ random: inout SeededGenerator) -> NumericArray {
    let price = [Double.infinity, .infinity, 1e9, 1e12, 1e14, 1e16][random.integer(below: 6)]
    let (share, columns) = ([0.2, 0.5, 0.8][random.integer(below: 3)], cost.shape.last ?? 1)
    let isRow = price < .infinity && random.uniform() < 0.3
    let elements = cost.elements.enumerated().map { index, value in
      let isHit = isRow ? index / columns == 0 : random.uniform() < share && index / columns != index % columns
      return isHit ? value + price : value
    }
    return NumericArray(shape: cost.shape, elements: elements)
  }

  /// Short limits, and everything that must be set.
  private static func settings(
    of entry: SolverEntry, given: Set<String>, isOnLine: Bool, isWild: Bool, _ random: inout SeededGenerator
  ) -> [String] {
    let keys = entry.settings.compactMap { $0.path.last }
    var settings: [String] = []
    func pick(_ texts: [String]) -> String { texts[random.integer(below: texts.count)] }
    for key in keys {
      switch key {
      case "epsilon" where ["fot", "barycenter-distances"].contains(entry.name) && random.uniform() < 0.6: break
      case "circumference" where isOnLine && random.uniform() < 0.5: settings.append("circumference=\(pick(["3", "1e3"]))")
      case "target": settings.append("target=\(given.contains("DZ") || given.contains("Z") ? "given" : pick(["grid", "torus", "globe"]))")
      case "rows" where !given.contains("DZ") && !given.contains("Z"): settings += ["rows=3", "columns=4"]
      case "points" where entry.name == "barycenter-distances": settings.append("points=\(pick(["1", "4", "9"]))")
      case "epsilonUnit" where entry.name != "joint-embedding" && !entry.name.hasSuffix("gw") && random.uniform() < 0.2:
        settings.append("epsilonUnit=largest-cost")
      case "featureTerm" where random.uniform() < 0.3: settings.append("featureTerm=unweighted")
      case "step" where entry.name == "entropic-gw" && random.uniform() < 0.2: settings.append("step=proximal-point")
      case "epsilon": settings.append("epsilon=\(isWild ? pick(epsilons) : pick(["1e-3", "0.05", "1"]))")
      case "rho1", "rho2": settings.append("\(key)=\(isWild ? pick(prices) : pick(["0.1", "1", ".inf"]))")
      case "rho" where entry.name == "barycenter-gw" && random.uniform() < 0.5: settings.append("rho=\(pick(["1e-6", "0.1", "1e6"]))")
      case "delta": settings.append("delta=\(isWild ? pick(epsilons) : pick(["0.1", "1", "3"]))")
      case "iterations": settings.append("iterations=\(pick(["1", "20", "200"]))")
      case "innerIterations": settings.append("innerIterations=100")
      case "starts": settings.append("starts=\(pick(["1", "1", "3"]))")
      case "bandwidth" where !given.contains("K"): settings.append("bandwidth=\(isWild ? pick(epsilons) : "0.5")")
      case "alpha" where random.uniform() < 0.7: settings.append("alpha=\(pick(["0", "0.5", "1"]))")
      case "form": settings.append("form=\(pick([entry.name == "tree" ? "absorbed" : "scaling", "logarithmic"]))")
      case "kernel": settings.append("kernel=\(pick(["gaussian", "cosine"]))")
      case "metric": settings.append("metric=\(pick(["euclidean", "squared-euclidean"]))")
      case "symmetric" where entry.name != "fot" && random.uniform() < 0.3: settings.append("symmetric=false")
      case "debiased" where random.uniform() < 0.3: settings.append("debiased=true")
      case "sampleEpsilon" where random.uniform() < 0.5: settings += ["sampleEpsilon=0.05", "featureEpsilon=\(pick(["0", "0.05"]))"]
      default: break
      }
    }
    // Conditional gradients have no inner iterations.
    if keys.contains("epsilon"), entry.name != "barycenter-distances", !settings.contains(where: { $0.hasPrefix("epsilon=") }) {
      settings.removeAll { $0.hasPrefix("inner") }
    }
    return settings
  }

  private static func values(
    _ name: String, _ shape: [Int], of solver: String, isWild: Bool, sizes: [String: Int], _ random: inout SeededGenerator
  ) -> NumericArray {
    let count = shape.reduce(1, *)
    if name.hasPrefix("E") {
      let nodes = sizes["n"] ?? 4
      return NumericArray(shape: shape, elements: (0..<count).map { _ in Double(random.integer(below: isWild ? nodes + 1 : nodes)) })
    }
    let isMass = shape.count == 1 || name == "A"
    if isMass {
      let zeros = name == "weights" && solver == "barycenter-gw" ? 0.02 : 0.3
      var masses = (0..<count).map { _ in random.uniform() < zeros ? 0 : Double(1 + random.integer(below: 3)) }
      if isWild {
        for _ in 0..<2 {
          masses[random.integer(below: count)] = [1e-300, 1e-30, 1e30, 0, .leastNonzeroMagnitude][random.integer(below: 5)]
        }
      }
      if random.uniform() < 0.92 {
        let total = masses.reduce(0, +)
        if total > 0 { masses = masses.map { $0 / total } }
      }
      if isWild && random.uniform() < 0.05 { masses[random.integer(below: count)] = [-1, .nan, .infinity][random.integer(below: 3)] }
      return NumericArray(shape: shape, elements: masses)
    }
    // Points and costs: on a lattice for ties and duplicates, smooth, constant, or of extreme scale.
    let style = random.integer(below: 4)
    let scale = isWild ? [1e-300, 1e-150, 1e-60, 1e-30, 1e-8, 1, 1e8, 1e30, 1e60, 1e150][random.integer(below: 10)] : 1
    func one() -> Double {
      switch style {
      case 0: scale * Double(random.integer(below: 3))
      case 1: scale
      default: scale * random.uniform()
      }
    }
    let isSquare = shape.count == 2 && shape[0] == shape[1] && ["D", "W", "C", "K"].contains(String(name.prefix(1)))
    var elements = (0..<count).map { _ in one() }
    if isSquare, random.uniform() < 0.9 {
      let n = shape[0]
      for i in 0..<n {
        for j in 0..<i { elements[i * n + j] = elements[j * n + i] }
        if name != "K" { elements[i * n + i] = 0 }
      }
    }
    if isWild && random.uniform() < 0.05 { elements[random.integer(below: count)] = [.nan, .infinity, -1][random.integer(below: 3)] }
    return NumericArray(shape: shape, elements: elements)
  }
}

import LinearAlgebra

@testable import SolverCatalogue

/// Chances, and what has been drawn of a problem so far.
struct AdversarialDraw {
  static let epsilons = ["1e-300", "1e-90", "1e-12", "1e-6", "1e-3", "0.05", "1", "1e6", "1e90"]
  static let prices = ["0", "1e-9", "0.1", "1", "1e3", "1e12", ".inf"]

  private(set) var random: SeededGenerator
  /// Whether scales may be extreme, and numbers none at all.
  let isWild: Bool
  /// The arrays that make the problem.
  var chosen: [String] = []
  var arrays: [(name: String, array: NumericArray)] = []
  var settings: [String] = []
  /// By the letters of shapes.
  private(set) var sizes: [String: Int] = [:]

  init(_ random: SeededGenerator) {
    self.random = random
    isWild = self.random.uniform() < 0.4
  }

  func holds(_ name: String) -> Bool { arrays.contains { $0.name == name } }

  func isSet(_ key: String) -> Bool { settings.contains { $0.hasPrefix("\(key)=") } }

  mutating func happens(_ probability: Double) -> Bool { random.uniform() < probability }

  mutating func integer(below count: Int) -> Int { random.integer(below: count) }

  mutating func pick<Item>(_ items: [Item]) -> Item { items[random.integer(below: items.count)] }

  mutating func size(_ letter: String, of conformance: any SolverConformance.Type) -> Int {
    if let known = sizes[letter] { return known }
    let drawn = conformance.size(letter, &self) ?? anySize(letter)
    sizes[letter] = drawn
    return drawn
  }

  /// Sets have few members, and a number in a shape is itself.
  private mutating func anySize(_ letter: String) -> Int {
    Int(letter) ?? (happens(0.15) ? 1 : 1 + integer(below: letter == "s" ? 3 : 9))
  }

  /// Weights that mostly sum to 1, some of them zero.
  mutating func masses(_ shape: [Int], zeros: Double = 0.3) -> NumericArray {
    let count = shape.reduce(1, *)
    var masses = (0..<count).map { _ in happens(zeros) ? 0 : Double(1 + integer(below: 3)) }
    if isWild {
      for _ in 0..<2 { masses[integer(below: count)] = pick([1e-300, 1e-30, 1e30, 0, .leastNonzeroMagnitude]) }
    }
    let total = masses.reduce(0, +)
    if happens(0.92), total > 0 { masses = masses.map { $0 / total } }
    if isWild, happens(0.05) { masses[integer(below: count)] = pick([-1, .nan, .infinity]) }
    return NumericArray(shape: shape, elements: masses)
  }

  /// Points and costs: on a lattice for ties and duplicates, smooth, constant, or of extreme scale.
  ///
  /// `isMirrored` makes a square symmetric, more often than not; `hasDiagonal` keeps what a symmetric square has on its
  /// diagonal, which is zero else.
  mutating func numbers(_ shape: [Int], isMirrored: Bool, hasDiagonal: Bool = false) -> NumericArray {
    let (count, style) = (shape.reduce(1, *), integer(below: 4))
    let scale = isWild ? pick([1e-300, 1e-150, 1e-60, 1e-30, 1e-8, 1, 1e8, 1e30, 1e60, 1e150]) : 1
    var elements = (0..<count).map { _ in
      switch style {
      case 0: scale * Double(integer(below: 3))
      case 1: scale
      default: scale * random.uniform()
      }
    }
    if isMirrored, shape.count == 2, shape[0] == shape[1], happens(0.9) {
      let n = shape[0]
      for i in 0..<n {
        for j in 0..<i { elements[i * n + j] = elements[j * n + i] }
        if !hasDiagonal { elements[i * n + i] = 0 }
      }
    }
    if isWild, happens(0.05) { elements[integer(below: count)] = pick([.nan, .infinity, -1]) }
    return NumericArray(shape: shape, elements: elements)
  }

  /// Forbids some pairs, by +∞ or by a cost far beyond all others, or adds such a cost to a whole row, which every plan
  /// must pay.
  mutating func forbidding(_ cost: NumericArray) -> NumericArray {
    let price = pick([Double.infinity, .infinity, 1e9, 1e12, 1e14, 1e16])
    let (share, columns) = (pick([0.2, 0.5, 0.8]), cost.shape.last ?? 1)
    let isRow = price < .infinity && happens(0.3)
    let elements = cost.elements.enumerated().map { index, value in
      let isHit = isRow ? index / columns == 0 : happens(share) && index / columns != index % columns
      return isHit ? value + price : value
    }
    return NumericArray(shape: cost.shape, elements: elements)
  }

  /// Short limits and everything that must be set, where a key means the same to all solvers.
  mutating func settings(for key: String) -> [String] {
    switch key {
    case "epsilon": ["epsilon=\(isWild ? pick(Self.epsilons) : pick(["1e-3", "0.05", "1"]))"]
    case "rho1", "rho2": ["\(key)=\(isWild ? pick(Self.prices) : pick(["0.1", "1", ".inf"]))"]
    case "delta": ["delta=\(isWild ? pick(Self.epsilons) : pick(["0.1", "1", "3"]))"]
    case "iterations": ["iterations=\(pick(["1", "20", "200"]))"]
    case "innerIterations": ["innerIterations=100"]
    case "starts": ["starts=\(pick(["1", "1", "3"]))"]
    case "form": ["form=\(pick(["scaling", "logarithmic"]))"]
    case "kernel": ["kernel=\(pick(["gaussian", "cosine"]))"]
    case "metric": ["metric=\(pick(["euclidean", "squared-euclidean"]))"]
    case "alpha": happens(0.7) ? ["alpha=\(pick(["0", "0.5", "1"]))"] : []
    // Zeros between points are refused without a floor.
    case "loss": happens(0.35) ? ["loss=kl"] : []
    case "floor": isSet("loss") && happens(0.85) ? ["floor=\(pick(["1e-16", "1e-3", "1"]))"] : []
    case "symmetric": happens(0.3) ? ["symmetric=false"] : []
    default: []
    }
  }
}

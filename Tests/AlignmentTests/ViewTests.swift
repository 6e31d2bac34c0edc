import Foundation
import Learning
import LinearAlgebra
import Testing

@testable import Alignment

/// Views against definitions written out slowly.
@Suite struct ViewTests {
  private static let recipes = ViewRecipe.standard
  private static let n = 40

  /// Positive features, some of them tied as counts are, and one cell of zeros.
  private static func counts(seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed)
    return Matrix(rows: n, columns: 6) { i, _ in
      i == 7 ? 0 : Double(random.integer(below: 5)) + (i % 3 == 0 ? 0 : random.uniform())
    }
  }

  @Test(arguments: ViewRecipe.Base.allCases)
  func viewsAreWhatTheirRecipesSay(base: ViewRecipe.Base) throws {
    let x = Self.counts(seed: 3)
    let views = try ModalityViews(x, landmarks: Array(0..<Self.n), recipes: Self.recipes, name: "x")
    for (index, recipe) in Self.recipes.enumerated() where recipe.base == base {
      let oracle = Oracle.view(x, recipe)
      let worst = zip(views.between[index].elements, oracle.elements).reduce(0.0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(worst < 1e-6, "\(recipe)")
    }
  }

  @Test func landmarksSeeTheGraphOfAllCells() throws {
    let x = Self.counts(seed: 4)
    let chosen = [1, 5, 6, 20, 33]
    let all = try ModalityViews(x, landmarks: Array(0..<Self.n), recipes: Self.recipes, name: "x")
    let few = try ModalityViews(x, landmarks: chosen, recipes: Self.recipes, name: "x")
    for index in Self.recipes.indices {
      for (i, p) in chosen.enumerated() {
        for (j, q) in chosen.enumerated() {
          #expect(few.between[index].elements[i * 5 + j] == all.between[index].elements[p * Self.n + q])
        }
      }
    }
    // Each landmark weighs the cells nearest to it in the mean view, and half a cell.
    var counts = [Double](repeating: 0.5, count: 5)
    for i in 0..<Self.n {
      let means = chosen.map { q in
        Self.recipes.indices.reduce(0.0) { $0 + Double(all.between[$1].elements[i * Self.n + q]) } / 40
      }
      let least = means.min() ?? 0
      let near = means.indices.filter { means[$0] <= least + 1e-9 }
      for j in near { counts[j] += 1 / Double(near.count) }
    }
    for j in 0..<5 { #expect(abs(few.weights[j] - counts[j] / 42.5) < 1e-9) }
  }

  @Test func ranksOfTiesAreMeans() {
    let lengths = Matrix(rows: 3, columns: 3, elements: [0, 2, 1, 2, 0, 2, 1, 2, 0])
    let (low, tied) = (1.0 / 3, 2.5 / 3)
    let expected: [Double] = [0, tied, low, tied, 0, tied, low, tied, 0]
    #expect(ModalityViews.ranks(lengths).elements == expected)
  }

  /// The pairs of more points than 32 bits can number are sorted otherwise, to the same ranks.
  @Test func ranksDoNotDependOnHowPairsAreNumbered() {
    var random = SeededGenerator(seed: 5)
    var lengths = Matrix(rows: 60, columns: 60)
    for i in 0..<60 {
      for j in 0..<i {
        lengths[i, j] = Double(random.integer(below: 300)) / 7
        lengths[j, i] = lengths[i, j]
      }
    }
    #expect(ModalityViews.ranks(lengths, largestPacked: 59) == ModalityViews.ranks(lengths))
  }

  @Test func depthIsRecognised() {
    var random = SeededGenerator(seed: 1)
    let even = Matrix(rows: 50, columns: 4) { _, _ in 1 + 0.1 * random.normal() }
    let factors = (0..<50).map { _ in exp(random.normal()) }
    #expect(!DepthRule.applies(to: even))
    #expect(DepthRule.applies(to: Matrix(rows: 50, columns: 4) { even[$0, $1] * factors[$0] }))
  }
}

/// Sums and loops of the definition, sharing no code with the views.
private enum Oracle {
  static func view(_ x: Matrix, _ recipe: ViewRecipe) -> Matrix {
    let n = x.rows
    let d = base(x, recipe.base)
    let k = Int((recipe.neighborShare * Double(n)).rounded())
    let reach = (0..<n).map { i in (0..<n).filter { $0 != i }.map { d(i, $0) }.sorted()[k - 1] }
    // Bellman and Ford's iteration.
    var lengths = (0..<n).map { i in
      (0..<n).map { j -> Double in
        if i == j { return 0 }
        let isEdge = d(i, j) <= reach[i] + 1e-11 || d(i, j) <= reach[j] + 1e-11
        return isEdge ? (recipe.edges == .connectivity ? 1 : d(i, j)) : .infinity
      }
    }
    for _ in 0..<n {
      let old = lengths
      for i in 0..<n { for j in 0..<n { lengths[i][j] = (0..<n).map { old[i][$0] + old[$0][j] }.min() ?? 0 } }
      if lengths == old { break }
    }
    let largest = lengths.joined().filter(\.isFinite).max() ?? 0
    var values = lengths.map { $0.map { $0.isFinite ? $0 : 1.2 * largest } }
    if recipe.scale == .ranks {
      let pairs = (0..<n).flatMap { i in (0..<i).map { values[i][$0] } }
      let ranked = values.map { row in
        row.map { value in
          let below = pairs.count { $0 < value - 1e-7 * value }
          let tied = pairs.count { abs($0 - value) <= 1e-7 * value }
          return (Double(below) + (Double(tied) + 1) / 2) / Double(pairs.count)
        }
      }
      values = ranked
      for i in 0..<n { values[i][i] = 0 }
    } else {
      let top = values.joined().max() ?? 1
      values = values.map { $0.map { $0 / top } }
    }
    return Matrix(rows: n, columns: n) { values[$0][$1] }
  }

  private static func base(_ x: Matrix, _ base: ViewRecipe.Base) -> (Int, Int) -> Double {
    let rows = (0..<x.rows).map { Array(x[row: $0]) }
    func length(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func unit(_ v: [Double]) -> [Double] { length(v) > 0 ? v.map { $0 / length(v) } : v }
    let lengths = rows.map(length)
    let mean = lengths.reduce(0, +) / Double(lengths.count)
    let spread = (lengths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(lengths.count)).squareRoot()
    let u = spread > 0.5 * mean ? rows.map(unit) : rows
    func euclidean(_ points: [[Double]]) -> (Int, Int) -> Double {
      { i, j in length(zip(points[i], points[j]).map { $0 - $1 }) }
    }
    switch base {
    case .features: return euclidean(u)
    case .directions: return euclidean(rows.map(unit))
    case .standardized:
      let columns = (0..<x.columns).map { k -> (Double, Double) in
        let values = u.map { $0[k] }
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
      }
      return euclidean(
        u.map { row in row.indices.map { columns[$0].1 > 0 ? (row[$0] - columns[$0].0) / columns[$0].1 : 0 } })
    case .logRatios:
      return euclidean(
        rows.map { row in
          let logs = row.map { log(1 + $0) }
          let mean = logs.reduce(0, +) / Double(logs.count)
          return logs.map { $0 - mean }
        })
    case .correlation:
      return { i, j in
        let (x, y) = (rows[i], rows[j])
        let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let (cx, cy) = (x.map { $0 - mx }, y.map { $0 - my })
        if length(cx) < 1e-12 || length(cy) < 1e-12 { return i == j ? 0 : 1 }
        return i == j ? 0 : max(0, 1 - zip(cx, cy).reduce(0) { $0 + $1.0 * $1.1 } / length(cx) / length(cy))
      }
    }
  }
}

import Datasets
import Foundation
import LinearAlgebra
import OptimalTransport
import Testing

@testable import Alignment

/// What an alignment says against itself: symmetric data, wide plans, raw features, and prices that decide.
@Suite struct DoubtTests {
  /// A cloud of the plane or of space, with noise.
  fileprivate static func points(_ count: Int, noise: Double, seed: UInt64 = 3, _ place: (Int) -> [Double]) -> Matrix {
    var random = SeededGenerator(seed: seed)
    let rows = (0..<count).map(place)
    return Matrix(rows: count, columns: rows[0].count) { rows[$0][$1] + noise * random.normal() }
  }

  private static func shuffled(_ x: Matrix) -> Matrix {
    var random = SeededGenerator(seed: 1)
    return x.selectingRows(random.permutation(x.rows))
  }

  private static func aligned(_ x: Matrix, _ y: Matrix, rho: Double? = nil) throws -> MultiViewSolution {
    try MultiViewAlignment(relaxation: rho.map(MarginalRelaxation.relaxed) ?? .balanced).solve(MultiViewProblem(x, y))
  }

  fileprivate static func circle(_ angle: Double, radius: Double = 1) -> [Double] {
    [radius * cos(angle), radius * sin(angle)]
  }

  fileprivate static let turn = 2 * Double.pi

  enum Shape: String, CaseIterable {
    case ring, line, grid, hexagon, star, clusters, torus

    var count: Int { [.ring: 70, .line: 50, .grid: 49, .torus: 96][self] ?? 60 }

    func points(noise: Double) -> Matrix { DoubtTests.points(count, noise: noise, place) }

    private func place(_ i: Int) -> [Double] {
      let step = Double(i)
      switch self {
      case .ring: return DoubtTests.circle(DoubtTests.turn * step / 70)
      case .line: return [step / 25, 3]
      case .grid: return [Double(i / 7) / 4, Double(i % 7) / 4]
      case .hexagon:
        let (from, to) = (
          DoubtTests.circle(DoubtTests.turn * Double(i / 10) / 6),
          DoubtTests.circle(DoubtTests.turn * Double(i / 10 + 1) / 6)
        )
        let along = Double(i % 10) / 10
        return [from[0] + (to[0] - from[0]) * along, from[1] + (to[1] - from[1]) * along]
      case .star: return DoubtTests.circle(DoubtTests.turn * Double(i / 12) / 5, radius: Double(i % 12 + 1) / 12)
      case .clusters:
        // The same thirty scattered points twice.
        let (point, shift) = (Double(i % 30), i < 30 ? 0.0 : 3.0)
        return [shift + 0.5 * sin(7 * point) + 0.1 * cos(point), shift + 0.4 * cos(5 * point)]
      case .torus:
        let (u, v) = (DoubtTests.turn * Double(i / 8) / 12, DoubtTests.turn * Double(i % 8) / 8)
        let reach = 2 + cos(v)
        return [reach * cos(u), reach * sin(u), sin(v)]
      }
    }
  }

  @Test(arguments: Shape.allCases, [0, 1e-2])
  func symmetricShapesAreWarnedOf(shape: Shape, noise: Double) throws {
    let x = shape.points(noise: noise)
    let solution = try Self.aligned(x, Self.shuffled(x))
    #expect(!solution.warnings.isEmpty, "\(solution.symmetry.score ?? 9), spread \(solution.spread)")
    #expect(
      solution.symmetry.isNear || solution.spread.isWide || (solution.margin ?? 1) < MultiViewSolution.smallMargin)
  }

  @Test func typesWithoutGeometryAreWarnedOf() throws {
    var random = SeededGenerator(seed: 4)
    let types = (0..<60).map { _ in random.integer(below: 5) }
    let x = Matrix(rows: 60, columns: 5) { types[$0] == $1 ? 1 : 0 }
    let warnings = try Self.aligned(x, Self.shuffled(x)).warnings
    #expect(warnings.contains { $0.contains("60 of 60 cells equal another one in every feature") }, "\(warnings)")
  }

  @Test func treesStaySure() throws {
    for seed in 2...4 {
      let tree = TwoViews(.branchingTree, cells: 100, noise: 0.05, seed: UInt64(seed))
      let solution = try Self.aligned(tree.first, Self.shuffled(tree.second))
      #expect(solution.warnings == [])
      // Judged with one basin as well.
      #expect(solution.stability == 1)
      #expect(solution.spread.share < PlanSpread.wide)
    }
  }

  @Test func rawFeaturesAreWarnedOf() {
    var random = SeededGenerator(seed: 5)
    func doubts(_ columns: Int, _ value: (inout SeededGenerator) -> Double) -> [String] {
      FeatureDoubts.sentences(Matrix(rows: 40, columns: columns) { _, _ in value(&random) }, "x.h5ad")
    }
    #expect(
      doubts(20) { Double($0.integer(below: 9)) } == [
        """
        x.h5ad: looks like raw counts (whole numbers up to 8): normalize them and reduce them to principal components \
        first
        """
      ])
    #expect(doubts(40) { 50 + Double($0.integer(below: 9)) }.first?.contains("raw counts") == true)
    #expect(
      doubts(150) { $0.normal() }
        == [
          """
          x.h5ad: has 150 features, more than the 100 for which distances are reliable: reduce them to principal \
          components first
          """
        ])
    // Topics of chromatin are sums of counts, marks of methylation are 0 and 1, components are neither.
    #expect(doubts(19) { 400 + Double($0.integer(below: 100_000)) } == [])
    #expect(doubts(27) { Double($0.integer(below: 2)) } == [])
    #expect(doubts(100) { $0.normal() } == [])
  }

  @Test func planSpreadOfKnownPlans() {
    let weights = [Double].uniform(20)
    let points = Matrix(rows: 20, columns: 3) { i, k in Double((i * (k + 3)) % 20) }
    func spread(_ plan: Matrix) -> PlanSpread {
      PlanSpread(Coupling(plan: plan, source: weights, target: weights), first: points, second: points)
    }
    let product = spread(Matrix(outer: weights, weights))
    #expect(abs(product.partners - 20) < 1e-9 && abs(product.share - 1) < 1e-9 && product.isWide)
    let identity = spread(Matrix(rows: 20, columns: 20) { $0 == $1 ? 0.05 : 0 })
    #expect(abs(identity.partners - 1) < 1e-12 && identity.share < 1e-12)
    // Half to a cell, half to the next: each row's variance by its definition.
    let halves = spread(Matrix(rows: 20, columns: 20) { i, j in j == i || j == (i + 1) % 20 ? 0.025 : 0 })
    var (total, within) = (0.0, 0.0)
    for k in 0..<3 {
      let column = (0..<20).map { points[$0, k] }
      let mean = column.reduce(0, +) / 20
      for (i, value) in column.enumerated() {
        let next = column[(i + 1) % 20]
        total += (value - mean) * (value - mean) / 20
        within += (value - next) * (value - next) / 4 / 20
      }
    }
    #expect(abs(halves.partners - 2) < 1e-12 && abs(halves.share - within / total) < 1e-12)
  }

  /// As ρ grows the price of departing from the marginals vanishes, and the score tends to that between fixed
  /// marginals.
  @Test func scoresKeepTheirDigitsAtLargePrices() throws {
    let tree = TwoViews(.branchingTree, cells: 60, noise: 0.05, seed: 2)
    let second = Self.shuffled(tree.second)
    let unrelaxed = try Self.aligned(tree.first, second)
    let fixed = unrelaxed.basins[0].score
    for rho in [1e6, 1e7, 1e8, 1e10, 1e12, .infinity] {
      let solution = try Self.aligned(tree.first, second, rho: rho)
      #expect(abs(solution.basins[0].score - fixed) < 1e-3, "ρ \(rho): \(solution.basins[0].score) against \(fixed)")
      #expect(solution.warnings == unrelaxed.warnings)
    }
  }

  /// F + mean_c (1/r_c) Σ ρ KL, the divergences taken of the plan's own marginals.
  @Test func pricesAreTheirDefinition() throws {
    let tree = TwoViews(.branchingTree, cells: 60, noise: 0.05, seed: 2)
    let rho = 0.5
    let basin = try Self.aligned(
      tree.first, tree.second.selectingRows(tree.labels.indices.filter { tree.labels[$0] != 4 }), rho: rho
    )
    .basins[0]
    let price = [basin.plan.rowSums, basin.plan.columnSums].reduce(0.0) { sum, marginal in
      let weight = 1 / Double(marginal.count)
      return sum + rho * marginal.reduce(0) { $0 + $1 * log($1 / weight) - $1 + weight }
    }
    let score = basin.ratios.reduce(0) { $0 + (log(max($1, 1e-3)) + price / max($1, 1e-3)) / 40 }
    #expect(price > 1e-3 && abs(basin.score - score) < 1e-3 * abs(score), "\(basin.score) against \(score)")
  }

  @Test func plansOfHardlyAnyMassAreWarnedOf() throws {
    let tree = TwoViews(.branchingTree, cells: 60, noise: 0.05, seed: 2)
    for rho in [1e-12, 1e-3] {
      let solution = try Self.aligned(tree.first, tree.second, rho: rho)
      #expect(solution.mass < 0.1)
      #expect(solution.warnings.contains { $0.contains("of the mass is matched") }, "\(solution.warnings)")
    }
  }

  @Test func matchesAreTheHeaviestPartners() throws {
    let tree = TwoViews(.branchingTree, cells: 300, noise: 0.05, seed: 3)
    let second = Self.shuffled(tree.second)
    let problem = try MultiViewProblem(tree.first, second, landmarks: 60, threshold: 80, most: 120)
    let solution = try MultiViewAlignment(bootstrapDraws: 0).solve(problem)
    let (there, back) = problem.matches(solution.coupling)
    for (matches, plan, features, aligned, others) in [
      (there, solution.coupling.plan, problem.features.first, problem.cells.first, problem.cells.second),
      (back, solution.coupling.plan.transposed, problem.features.second, problem.cells.second, problem.cells.first),
    ] {
      #expect(matches.count == 10 && matches.index.count == 3000 && matches.weight.rows == 300)
      for cell in 0..<300 {
        // The cell's own row, or the mean of its five nearest aligned cells'.
        let nearest = aligned.indices.sorted {
          squaredDistance(features[row: cell], features[row: aligned[$0]])
            < squaredDistance(features[row: cell], features[row: aligned[$1]])
        }
        let guides = aligned.contains(cell) ? [nearest[0]] : Array(nearest.prefix(5))
        let row = (0..<120).map { j in guides.reduce(0) { $0 + 120 * plan[$1, j] } / Double(guides.count) }
        let best = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }.prefix(10)
        for (place, j) in best.enumerated() {
          #expect(abs(matches.weight[cell, place] - row[j]) < 1e-12)
          let found = others.firstIndex(of: matches.index[cell * 10 + place])
          #expect(found.map { abs(row[$0] - row[j]) < 1e-12 } == true)
        }
      }
    }
  }

  @Test func oneFeatureIsRefusedInClearWords() {
    let one = Matrix(rows: 20, columns: 1) { i, _ in Double(i * i) }
    let two = Matrix(rows: 20, columns: 2) { i, k in Double((i + 3 * k) % 7) }
    let error = #expect(throws: AlignmentError.self) { try MultiViewProblem(one, two, names: ("x.npy", "y.npy")) }
    #expect(
      error?.description
        == "x.npy: has one feature, but at least 2 were expected: "
        + "several views compare the features of a cell with each other"
    )
    #expect(throws: Never.self) {
      try MultiViewProblem(one, one, recipes: ViewRecipe.standard.filter { $0.base == .features })
    }
  }

  /// Squares of such features are 0 or infinite, and cells only seem to coincide.
  @Test(arguments: [(1e200, "large"), (1e-200, "small")]) func featuresOutOfRangeAreRefused(scale: Double, word: String)
    throws
  {
    let x = Matrix(rows: 20, columns: 2) { i, k in Double((i * (k + 2)) % 17) }
    let error = #expect(throws: AlignmentError.self) {
      try MultiViewProblem(x.map { $0 * scale }, x, names: ("x.npy", "y.npy"))
    }
    #expect(error?.description.contains("x.npy: its largest feature is ") == true)
    #expect(error?.description.contains("too \(word) for computing distances") == true, "\(error?.description ?? "")")
    #expect(throws: Never.self) { try MultiViewProblem(x.map { $0 * 1e50 }, x) }
  }

  @Test func tooManyLandmarksAreNamed() {
    let x = Matrix(rows: 20, columns: 2) { i, k in Double((i * (k + 2)) % 17) }
    let error = #expect(throws: AlignmentError.self) {
      try MultiViewProblem(x, x, landmarks: 100_000, threshold: 100_000)
    }
    #expect(error?.description.contains("the number of landmarks is 100000") == true)
    #expect(error?.description.contains("8 to 2500 (the largest number of cells that are aligned)") == true)
  }
}

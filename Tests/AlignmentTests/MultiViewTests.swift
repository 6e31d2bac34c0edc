import Datasets
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Testing

@testable import Alignment

@Suite struct MultiViewTests {
  private static func tree(_ cells: Int = 120, seed: UInt64 = 2) -> TwoViews {
    TwoViews(.branchingTree, cells: cells, noise: 0.05, seed: seed)
  }

  private static func foscttm(_ solution: MultiViewSolution, _ features: Matrix, order: [Int]) -> Double {
    // Row k of the second modality is row order[k] of the first.
    var inverse = order
    for (k, original) in order.enumerated() { inverse[original] = k }
    return FractionCloserThanTrueMatch(solution.firstInSecond, features.selectingRows(inverse)).twoSided
  }

  @Test func permutedIsometricCopiesAreFound() throws {
    let x = TwoViews(.line, cells: 120, noise: 0.05, seed: 2).first
    var random = SeededGenerator(seed: 5)
    let order = random.permutation(x.rows)
    // Features change places, which no distance sees.
    let places = Array(x.columns - 2..<x.columns).reversed() + Array(0..<x.columns - 2)
    let copy = Matrix(rows: x.rows, columns: x.columns) { x[order[$0], places[$1]] }
    let problem = try MultiViewProblem(x, copy)
    let solution = try MultiViewAlignment().solve(problem)
    #expect(Self.foscttm(solution, problem.features.second, order: order) < 1e-3)
    // The next alignment is far behind, where there is one at all.
    let margin = solution.margin ?? .infinity
    #expect(margin > 1)
    #expect(solution.warnings == [])
    #expect(solution.stability ?? 1 == 1)
    #expect(solution.coupling.marginalError < 1e-3)
    // The basin of an isometric copy has no distortion but the plan's blur.
    #expect(solution.basins[0].score < -3)
  }

  @Test func symmetricShapesHaveNoMargin() throws {
    // Evenly spaced on a line, which is its own mirror image.
    let x = Matrix(rows: 60, columns: 2) { i, k in k == 0 ? Double(i) : 200 }
    let y = Matrix(rows: 60, columns: 2) { i, k in k == 0 ? 3 * Double((i * 7) % 60) : 500 }
    let problem = try MultiViewProblem(x, y, recipes: ViewRecipe.standard.filter { $0.base == .features })
    let solution = try MultiViewAlignment().solve(problem)
    let found = solution.margin
    let margin = try #require(found)
    #expect(margin < 1e-3)
    #expect(solution.symmetry.isNear)
    #expect(solution.warnings.count >= 2)
  }

  @Test func answersAreDeterministicAndDontKnowTheOrderOfRows() throws {
    let tree = Self.tree(80)
    let plain = try MultiViewAlignment().solve(MultiViewProblem(tree.first, tree.second))
    let again = try MultiViewAlignment().solve(MultiViewProblem(tree.first, tree.second))
    // Other tests change the number of threads meanwhile, and with it last bits.
    #expect(absoluteDifference(plain.coupling.plan.elements, again.coupling.plan.elements) < 1e-4)
    #expect(plain.stability == again.stability && plain.basins.count == again.basins.count)
    var random = SeededGenerator(seed: 9)
    let (p, q) = (random.permutation(80), random.permutation(80))
    let shuffled = try MultiViewAlignment().solve(
      MultiViewProblem(tree.first.selectingRows(p), tree.second.selectingRows(q)))
    #expect(abs(shuffled.basins[0].score - plain.basins[0].score) < 1e-3)
    let worst = (0..<80).reduce(0.0) { worst, i in
      (0..<80).reduce(worst) { max($0, abs(shuffled.coupling.plan[i, $1] - plain.coupling.plan[p[i], q[$1]])) }
    }
    #expect(worst < 1e-3 / 80, "entries of plans are at most 1/80")
  }

  @Test func landmarksAndThinningKeepTheAlignment() throws {
    let tree = Self.tree(400, seed: 3)
    var random = SeededGenerator(seed: 4)
    let order = random.permutation(400)
    let second = tree.second.selectingRows(order)
    let landmarks = try MultiViewProblem(tree.first, second, landmarks: 80, threshold: 100)
    #expect(landmarks.landmarks.first.count == 80 && landmarks.cells.first.count == 400)
    let whole = try MultiViewAlignment(bootstrapDraws: 0).solve(landmarks)
    #expect(Self.foscttm(whole, landmarks.features.second, order: order) < 0.03)
    #expect(whole.stability == nil)
    let thinned = try MultiViewProblem(tree.first, second, landmarks: 80, threshold: 100, most: 200)
    let solution = try MultiViewAlignment(bootstrapDraws: 0).solve(thinned)
    #expect(thinned.cells.first.count == 200 && solution.coupling.plan.rows == 200)
    #expect(solution.firstInSecond.rows == 400 && solution.secondInFirst.rows == 400)
    #expect(Self.foscttm(solution, thinned.features.second, order: order) < 0.05)
  }

  @Test func scoresAreTheirDefinition() throws {
    let tree = Self.tree(30)
    let problem = try MultiViewProblem(tree.first, tree.second)
    let solution = try MultiViewAlignment().solve(problem)
    let basin = solution.basins[0]
    let n = 30
    var sum = 0.0
    for (x, y) in zip(problem.first.between, problem.second.between) {
      func distortion(_ plan: (Int, Int) -> Double) -> Double {
        var total = 0.0
        for i in 0..<n {
          for j in 0..<n where plan(i, j) > 1e-12 {
            for k in 0..<n {
              for l in 0..<n {
                let difference = Double(x.elements[i * n + k]) - Double(y.elements[j * n + l])
                total += difference * difference * plan(i, j) * plan(k, l)
              }
            }
          }
        }
        return total
      }
      // A view is cheap at n = 30: 810 000 terms.
      let (a, b) = (problem.first.weights, problem.second.weights)
      sum += log(max(distortion { basin.plan[$0, $1] } / distortion { a[$0] * b[$1] }, 1e-3))
    }
    #expect(abs(sum / 40 - basin.score) < 1e-4)
  }

  @Test func relaxedMarginalsLetMassGo() throws {
    let tree = Self.tree(90)
    // The second modality lacks the last arm.
    let kept = tree.labels.indices.filter { tree.labels[$0] != 4 }
    let problem = try MultiViewProblem(tree.first, tree.second.selectingRows(kept))
    let solution = try MultiViewAlignment(relaxation: .relaxed(0.5), bootstrapDraws: 0).solve(problem)
    #expect(compensatedSum(solution.coupling.plan.elements) < 0.95)
    #expect(solution.coupling.plan.elements.allSatisfy { $0.isFinite })
  }

  @Test func badInputIsNamed() {
    let good = Self.tree(20).first
    func failure(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    var broken = good
    broken[3, 2] = .nan
    #expect(
      failure { _ = try MultiViewProblem(broken, good) }
        == "the first modality: holds nan in row 3, column 2 (counted from 0), but only finite features can be aligned")
    #expect(
      failure { _ = try MultiViewProblem(good, good.selectingRows([0, 1, 2])) }
        == "the second modality: has 3 cells, but at least 8 were expected")
    #expect(failure { _ = try MultiViewProblem(good, Matrix(rows: 20, columns: 3, repeating: 1)) }.contains("coincide"))
    #expect(
      failure { _ = try MultiViewProblem(good, Matrix(rows: 20, columns: 0)) } == "the second modality: has no features"
    )
    #expect(failure { _ = try MultiViewProblem(good, good, landmarks: 4) }.contains("the number of landmarks is 4"))
    #expect(
      failure { _ = try MultiViewAlignment(relaxation: .relaxed(0)).solve(MultiViewProblem(good, good)) }.contains(
        "ρ is 0"))
  }
}

/// Failures that adversarial problems have found.
@Suite struct DegenerateModalityTests {
  /// The correlation of two features is 1 or −1: every path in a view of it has length 0.
  @Test func twoFeaturesHaveAnAlignment() throws {
    var random = SeededGenerator(seed: 5)
    let first = Matrix(rows: 20, columns: 2) { _, _ in random.normal() }
    let second = Matrix(rows: 20, columns: 3) { _, _ in random.normal() }
    let solution = try MultiViewAlignment(bootstrapDraws: 2).solve(MultiViewProblem(first, second))
    let entries = solution.coupling.plan.elements
    #expect(entries.allSatisfy { $0.isFinite })
    #expect(abs(entries.reduce(0, +) - 1) < 1e-9)
    #expect(solution.status.isConverged)
  }
}

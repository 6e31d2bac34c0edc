import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import UserProblems

/// Symmetric spaces of random kind and size against seeded permutations of themselves, and spaces whose distances have
/// much in common, through the command's defaults.
@Suite(.serialized) struct SymmetricSpaceStormTests {
  private static func space(_ random: inout SeededGenerator) -> (name: String, distances: Matrix) {
    func size(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.integer(below: range.count) }
    let n = size(2...40)
    switch random.integer(below: 14) {
    case 0: return ("circle \(n)", SymmetricSpaces.circle(n))
    case 1: return ("cycle \(n + 1)", SymmetricSpaces.cycle(n + 1))
    case 2: return ("path \(n)", SymmetricSpaces.path(n))
    case 3: return ("simplex \(n)", SymmetricSpaces.complete(n))
    case 4:
      let dimension = size(1...5)
      return (
        "cube \(dimension)",
        random.uniform() < 0.5 ? SymmetricSpaces.cube(dimension) : SymmetricSpaces.hypercube(dimension)
      )
    case 5:
      let (p, q) = (size(1...6), size(2...7))
      return ("grid \(p)×\(q)", SymmetricSpaces.grid(p, q))
    case 6:
      let (p, q) = (size(3...6), size(3...7))
      return ("torus \(p)×\(q)", SymmetricSpaces.grid(p, q, isTorus: true))
    case 7:
      let (p, q) = (size(1...9), size(2...12))
      return ("bipartite \(p), \(q)", SymmetricSpaces.bipartite(p, q))
    case 8:
      let half = size(3...20)
      let step = 1 + random.integer(below: (half - 1) / 2)
      return ("petersen \(half), \(step)", SymmetricSpaces.petersen(half, step))
    case 9:
      let (legs, length) = (size(2...9), size(1...5))
      return ("star \(legs)×\(length)", SymmetricSpaces.star(legs: legs, length: length))
    case 10:
      let p = [5, 13, 17, 29, 37][random.integer(below: 5)]
      return ("paley \(p)", SymmetricSpaces.paley(p))
    case 11: return ("centred \(n)", SymmetricSpaces.doublyCentred(n, seed: random.next()))
    default:
      let offset = [1.0, 30, 1e3, 1e6, 1e8][random.integer(below: 5)]
      return ("nearly equal \(n), \(offset)", SymmetricSpaces.nearlyEqual(n, offset: offset, seed: random.next()))
    }
  }

  @Test func spacesAreAtNoDistanceFromTheirPermutations() throws {
    let started = Date()
    var random = SeededGenerator(seed: 83)
    let count = Soak.count(3000, sample: 40)
    var refused = 0
    let path = "\(Soak.fastFolder)/otlab-symmetric-\(getpid()).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for number in 0..<count {
      let (name, distances) = Self.space(&random)
      let n = distances.rows
      let order = random.permutation(n)
      let style = random.integer(below: 3)
      let masses = (0..<n).map { _ in
        style == 0 ? 1 : style == 1 ? Double(1 + random.integer(below: 3)) : 0.2 + random.uniform()
      }
      let weights = masses.map { $0 / masses.reduce(0, +) }
      let features = Matrix(rows: n, columns: n) { _, _ in random.uniform() }
      try HDF5.write(
        [
          ("D1", NumericArray(distances)), ("D2", NumericArray(SymmetricSpaces.reordered(distances, order))),
          ("a", NumericArray(weights)),
          ("b", NumericArray(order.map { weights[$0] })), ("M", NumericArray(features)),
          ("P0", NumericArray(SymmetricSpaces.matching(order, weights: weights))),
        ], to: path)
      let size = max(1, distances.elements.reduce(0) { max($0, abs($1)) })
      let arrays = ["D1", "D2", "a", "b"].map { "\($0)=\(path):\($0)" }
      for (solver, more, settings) in [("gw", [], []), ("fgw", ["M=\(path):M"], ["alpha=1"])] {
        let answer = try SolverEntry.named(solver).solve(InputFiles(arrays + more), settings: settings).answer
        let value = try #require(answer.summary.first { $0.name == "value" }?.value.number)
        #expect(
          value >= 0 && value <= 1e-9 * size * size, "\(number): \(solver) of \(name), weights \(style): \(value)")
      }
      let epsilon = [0.02, 0.2, 2][random.integer(below: 3)]
      let price = [0.2, 5][random.integer(below: 2)]
      for (solver, settings) in [("entropic-gw", []), ("ugw", ["rho1=\(price)", "rho2=\(price)"])] {
        let entry = try SolverEntry.named(solver)
        let all = settings + ["epsilon=\(epsilon)", "iterations=300"]
        // Where distances are far larger than ε and ρ, a sentence says so.
        guard let free = try? entry.solve(InputFiles(arrays), settings: all).answer else {
          refused += 1
          continue
        }
        let told = try entry.solve(InputFiles(arrays + ["P0=\(path):P0"]), settings: all).answer
        let value = try #require(free.summary.first { $0.name == "regularized_value" }?.value.number)
        let known = try #require(told.summary.first { $0.name == "regularized_value" }?.value.number)
        #expect(
          value <= known + 1e-6 * (1 + abs(known)) || !told.isConverged || !free.isConverged,
          """
          \(number): \(solver) of \(name), weights \(style), ε \(epsilon), ρ \(price): \(value), from the permutation \
          \(known)
          """
        )
      }
    }
    #expect(refused <= count / 100)
    Soak.report(
      "storm", "symmetric spaces", cases: count,
      outcome: "gw and fgw within 1e-9 of 0, entropic-gw and ugw no higher than from the permutation", since: started)
  }

  @Test func offsetsTakeNoDigits() throws {
    let started = Date()
    var random = SeededGenerator(seed: 84)
    let count = Soak.count(3000, sample: 40)
    let path = "\(Soak.fastFolder)/otlab-offset-\(getpid()).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for number in 0..<count {
      let sizes = (1 + random.integer(below: 9), 1 + random.integer(below: 9))
      let offset = [0, 1e2, 1e5, 1e8][random.integer(below: 4)]
      let isWhole = random.uniform() < 0.5
      func table(_ n: Int) -> Matrix {
        let drawn = Matrix(rows: n, columns: n) { _, _ in random.uniform() }
        return Matrix(rows: n, columns: n) { drawn[$0, $1] + (isWhole || $0 != $1 ? offset : 0) }
      }
      let (d1, d2) = (table(sizes.0), table(sizes.1))
      try HDF5.write([("D1", NumericArray(d1)), ("D2", NumericArray(d2))], to: path)
      let answer = try SolverEntry.named("gw").solve(InputFiles([path]), settings: ["symmetric=false"]).answer
      let value = try #require(answer.summary.first { $0.name == "value" }?.value.number)
      guard case .full(let coupling) = try #require(answer.plans.first?.plan) else { continue }
      let expected = gromovWassersteinByDefinition(d1, d2, coupling.plan)
      #expect(
        value >= 0 && abs(value - expected) <= 1e-6 * expected + 1e-12,
        "\(number): offset \(offset): \(value), \(expected)")
    }
    Soak.report(
      "storm", "offsets of distances", cases: count, outcome: "values as by four loops over the plan", since: started)
  }
}

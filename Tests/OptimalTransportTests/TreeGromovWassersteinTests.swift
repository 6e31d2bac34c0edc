import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

@Suite struct TreeGromovWassersteinTests {
  /// A barycenter of images on a grid of side × side pixels, distances divided by the diagonal.
  static func barycenter(
    _ images: [[Double]], side: Int, relaxation: Double = .infinity, reference: TreeReference = .uniform
  ) throws -> TreeGromovWassersteinProblem {
    let scale = Double(side - 1) * 2.0.squareRoot()
    func points(_ pixels: [Int]) -> DistanceGeometry {
      .euclidean(
        points: Matrix(rows: pixels.count, columns: 2) {
          Double($1 == 0 ? pixels[$0] / side : pixels[$0] % side) / max(scale, 1)
        })
    }
    let centre = try TreeGromovWassersteinProblem.Space(
      geometry: points(Array(0..<side * side)), marginal: TreeMarginal(freeOver: side * side))
    let leaves = try images.map { image in
      let pixels = image.indices.filter { image[$0] > 0 }
      let total = pixels.reduce(0) { $0 + image[$1] }
      return try TreeGromovWassersteinProblem.Space(
        geometry: points(pixels),
        marginal: TreeMarginal(weights: pixels.map { image[$0] / total }, relaxation: relaxation))
    }
    return try TreeGromovWassersteinProblem(
      topology: .star(leaves: images.count), spaces: [centre] + leaves,
      edgeWeights: images.map { _ in 1 / Double(images.count) },
      reference: reference)
  }

  /// A filled L of the given arms.
  static func corner(_ side: Int, _ rows: Int, _ columns: Int) -> [Double] {
    (0..<side * side).map { k in
      let (i, j) = (k / side, k % side)
      return i < rows && j < 2 || i < 2 && j < columns ? 1 : 0
    }
  }

  @Test func oneShapeTwiceHasDistortionZero() throws {
    let shape = Self.corner(8, 7, 5)
    let problem = try Self.barycenter([shape, shape], side: 8)
    let solution = try TreeGromovWasserstein(epsilon: 1e-4, annealing: Annealing(start: 5e-3)).solve(problem)
    #expect(solution.value < 2e-4)
    #expect(abs(solution.mass - 1) < 1e-6)
  }

  @Test func singlePrecisionStaysNearDouble() throws {
    let problem = try Self.barycenter([Self.corner(10, 9, 5), Self.corner(10, 6, 8)], side: 10)
    func solve(_ precision: TreeGromovWasserstein.Precision) throws -> TreeGromovWassersteinSolution {
      try TreeGromovWasserstein(
        epsilon: 5e-4, annealing: Annealing(start: 5e-3), precision: precision,
        stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 60)
      ).solve(problem)
    }
    let (single, double, adaptive) = (try solve(.single), try solve(.double), try solve(.adaptive))
    #expect(abs(single.value - double.value) < 1e-4 * double.value)
    #expect(abs(adaptive.value - double.value) < 1e-5 * double.value)
    #expect(adaptive.trace.points.map(\.iteration) == Array(1...adaptive.iterations))
  }

  /// A path is composed, a star of three is not: the same centre must come of two inputs as of the same two with a
  /// third of no price.
  @Test func composedPathsAgreeWithSweeps() throws {
    let images = [Self.corner(7, 6, 4), Self.corner(7, 5, 6)]
    let two = try Self.barycenter(images, side: 7)
    var spaces = two.spaces
    spaces.append(
      try TreeGromovWassersteinProblem.Space(
        geometry: .symmetric(Matrix(rows: 1, columns: 1)), marginal: TreeMarginal(freeOver: 1)))
    let three = try TreeGromovWassersteinProblem(
      topology: TreeTopology(nodeCount: 4, edges: [(0, 1), (0, 2), (1, 3)]), spaces: spaces,
      edgeWeights: [0.5, 0.5, 1e-90])
    func solve(_ problem: TreeGromovWassersteinProblem) throws -> TreeGromovWassersteinSolution {
      try TreeGromovWasserstein(
        epsilon: 2e-3, noise: 0, precision: .double, stopping: StoppingRule(tolerance: 0, iterationLimit: 5),
        innerStopping: StoppingRule(tolerance: 1e-13, iterationLimit: 20_000)
      ).solve(
        problem,
        from: problem.topology.edges.map { edge in
          let shape = (problem.spaces[edge.first].marginal, problem.spaces[edge.second].marginal)
          return Matrix(outer: shape.0.weights ?? .uniform(shape.0.count), shape.1.weights ?? .uniform(shape.1.count))
        })
    }
    let (own, other) = (try solve(two), try solve(three))
    #expect(absoluteDifference(own.nodeMarginals[0], other.nodeMarginals[0]) < 1e-9)
    #expect(abs(own.value - other.value) < 1e-12)
  }

  @Test func balancedProblemsScaleWithTheirMass() throws {
    let problem = try Self.barycenter([Self.corner(6, 5, 3), Self.corner(6, 4, 4)], side: 6)
    let solver = TreeGromovWasserstein(
      epsilon: 1e-3, precision: .double, stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 30))
    let known = try solver.solve(problem)
    for mass in [1e-12, 1e12] {
      let spaces = try problem.spaces.map { space in
        try TreeGromovWassersteinProblem.Space(
          geometry: space.geometry,
          marginal: space.marginal.weights.map { try TreeMarginal(weights: $0.map { $0 * mass }) } ?? space.marginal)
      }
      let scaled = try solver.solve(
        TreeGromovWassersteinProblem(topology: problem.topology, spaces: spaces, edgeWeights: problem.edgeWeights))
      #expect(abs(scaled.value / (mass * mass) - known.value) < 1e-6 * known.value)
      #expect(absoluteDifference(scaled.nodeMarginals[0].map { $0 / mass }, known.nodeMarginals[0]) < 1e-6)
    }
  }

  @Test func startsMustAgreeWhereEdgesMeet() throws {
    let problem = try Self.barycenter([Self.corner(4, 3, 2), Self.corner(4, 2, 3)], side: 4)
    let centre = [Double].uniform(16)
    let leaves = problem.spaces.dropFirst().map { $0.marginal.weights ?? [] }
    let start = leaves.map { Matrix(outer: centre, $0) }
    let solver = TreeGromovWasserstein(epsilon: 1e-2, stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 2))
    #expect(try solver.solve(problem, from: start).mass > 0.99)
    let other = Matrix(outer: [1] + [Double](repeating: 0, count: 15), leaves[1])
    #expect(throws: ProblemError.self) { try solver.solve(problem, from: [start[0], other]) }
    #expect(throws: ProblemError.self) { try solver.solve(problem, from: [start[0]]) }
  }

  @Test(arguments: TreeGromovWasserstein.Precision.allCases)
  func extremesEndHonestly(_ precision: TreeGromovWasserstein.Precision) throws {
    var random = SeededGenerator(seed: 3)
    for trial in 0..<60 {
      let side = 3 + Int(random.next() % 4)
      let images = (0..<(2 + Int(random.next() % 2))).map { _ in
        var image = (0..<side * side).map { _ in random.uniform(in: 0...1) < 0.6 ? 0 : exp(random.uniform(in: -20...20))
        }
        image[Int(random.next() % UInt64(side * side))] = 1
        // One pixel, now and then.
        return trial % 7 == 0 ? image.indices.map { $0 == side ? 1 : 0 } : image
      }
      let rho = [Double.infinity, 1e-6, 0.01, 10][Int(random.next() % 4)]
      let problem = try Self.barycenter(images, side: side, relaxation: rho)
      let epsilon = exp(random.uniform(in: -15...0))
      let solution = try TreeGromovWasserstein(
        epsilon: epsilon, precision: precision, stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 15),
        innerStopping: StoppingRule(tolerance: 1e-7, iterationLimit: 300)
      ).solve(problem)
      #expect(
        solution.value.isFinite && solution.regularizedValue.isFinite && solution.mass > 0,
        "trial \(trial): ε \(epsilon), ρ \(rho)")
      #expect(solution.nodeMarginals.allSatisfy { $0.allSatisfy { $0.isFinite && $0 >= 0 } })
      if solution.status.isConverged, rho == .infinity {
        for (node, space) in problem.spaces.enumerated() {
          guard let weights = space.marginal.weights else { continue }
          #expect(absoluteDifference(solution.nodeMarginals[node], weights) < 1e-5, "trial \(trial)")
        }
      }
    }
  }
}

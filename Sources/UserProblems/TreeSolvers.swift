import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let tree = [barycenterGW, treeGW]

  private static let most = 10

  /// How trees are solved: the settings that both entries share.
  private static func solver(
    _ fields: Fields, epsilon: Double?, annealFrom: Double? = nil, about: String
  ) throws(DocumentError) -> @Sendable (TreeGromovWassersteinProblem) throws(ProblemError) -> TreeGromovWassersteinSolution {
    let epsilon = try fields.positiveNumber("epsilon", default: epsilon, about: about)
    let first: Double?
    if let annealFrom {
      first = try fields.positiveNumber("annealFrom", default: annealFrom, about: "the first ε, from which it falls")
    } else {
      first = try fields.optionalPositiveNumber("annealFrom", about: "the first ε, from which it falls; 25 times the last when absent")
    }
    let starts = try fields.integer("starts", default: 3, in: 1...1000, about: "seeded noises; the lowest objective is kept")
    let seed = try fields.integer("seed", default: 1, in: 0...Int.max, about: "of the first start's noise; others count on")
    let criterion: TreeGromovWasserstein.Criterion = try fields.choice(
      "criterion", default: .gap, about: "what falls to the tolerance: what a best answer would gain, or the change of the plans")
    let stopping = try fields.stopping(tolerance: 1e-5, iterations: 300, about: "relative gain of an outer step, or change of its plans")
    let inner = try fields.innerStopping(tolerance: 1e-7, iterations: 1000)
    return { problem throws(ProblemError) in
      var best: TreeGromovWassersteinSolution?
      for start in 0..<starts {
        let solution = try TreeGromovWasserstein(
          epsilon: epsilon, annealing: Annealing(start: first ?? 25 * epsilon, steps: 3), seed: UInt64(seed) &+ UInt64(start),
          criterion: criterion, stopping: stopping, innerStopping: inner
        ).solve(problem)
        if solution.regularizedValue < best?.regularizedValue ?? .infinity { best = solution }
      }
      guard let best else { throw .empty(name: "the list of starts") }
      return best
    }
  }

  private static func answer(_ solution: TreeGromovWassersteinSolution) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("regularized_value", solution.regularizedValue), ("marginal_penalty", solution.marginalPenalty),
      ("mass", solution.mass),
    ]
    for (edge, distortion) in solution.distortions.enumerated() { answer.numbers.append(("distortion\(edge)", distortion)) }
    for (edge, plan) in solution.plans.enumerated() { answer.arrays.append(("plan\(edge)", NumericArray(plan.matrix))) }
    return answer
  }

  private static let barycenterGW = SolverEntry(
    "barycenter-gw", "the Gromov–Wasserstein barycenter of images, as an image; rotations and reflections of an image are one to it",
    inputs: [InputDescription("A", "s×h×w", "the images; or image0, image1, …")] + InputDescription.images
      + [InputDescription("lambda", "s", "shares of the images; equal when absent")]
  ) { fields throws(DocumentError) in
    let rho = try fields.optionalPositiveNumber("rho", about: "price of departing from an image's masses; without it they are kept")
    let isInverted = try fields.inverted()
    let solve = try solver(
      fields, epsilon: 2e-4, annealFrom: 5e-3, about: "weight of the entropy; distances are in units of the image's diagonal")
    return Job(memory: { try $0.memoryOfImages("A") }) { inputs in
      let images = try inputs.images("A", atLeast: 2, isInverted: isInverted)
      let (rows, columns) = (images[0].rows, images[0].columns)
      let pixels = images.map { image in image.elements.indices.filter { image.elements[$0] > 0 } }
      let centre = try TreeGromovWassersteinProblem.Space(
        geometry: .lattice(.pixels(rows: rows, columns: columns)), marginal: TreeMarginal(freeOver: rows * columns))
      let leaves = try zip(images, pixels).map { image, pixels throws(ProblemError) in
        let total = compensatedSum(image.elements)
        return try TreeGromovWassersteinProblem.Space(
          geometry: .lattice(.pixels(rows: rows, columns: columns, points: pixels)),
          marginal: TreeMarginal(weights: pixels.map { image.elements[$0] / total }, relaxation: rho ?? .infinity))
      }
      let given = try inputs.vector("lambda")
      if let given, given.count != images.count { throw inputs.missing("lambda of \(images.count) shares (found \(given.count))") }
      if let given, let index = given.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
        throw inputs.missing("lambda of positive shares (found \(given[index]) at index \(index); leave that image out)")
      }
      let shares = given ?? .uniform(images.count)
      let sum = compensatedSum(shares)
      let solution = try solve(
        TreeGromovWassersteinProblem(
          topology: .star(leaves: images.count), spaces: [centre] + leaves, edgeWeights: shares.map { $0 / sum }))
      var answer = answer(solution)
      answer.arrays.insert(("barycenter", NumericArray(shape: [rows, columns], elements: solution.nodeMarginals[0])), at: 0)
      for (index, pixels) in pixels.enumerated() { answer.arrays.append(("pixels\(index)", NumericArray(integers: pixels))) }
      return answer
    }
  }

  private static let treeGW = SolverEntry(
    "tree-gw", "multi-marginal Gromov–Wasserstein transport on a tree of spaces; nodes without weights are free",
    inputs: [InputDescription("edges", "k×2", "the nodes, from 0, that edges join; a chain when absent")]
      + (0..<most).flatMap { node in
        [
          InputDescription("D\(node)", "n×n", "distances in node \(node); or X\(node)"),
          InputDescription("X\(node)", "n×d", "points of node \(node)"),
          InputDescription("a\(node)", "n", "weights of node \(node); the node is free when absent"),
        ]
      }
      + [
        InputDescription("c", "k", "weights of the edges; 1 when absent"),
        InputDescription("rho", "nodes", "prices of departing from a node's weights, inf prescribes them; inf when absent"),
      ], balances: [BalancedWeights(names: (0..<most).map { "a\($0)" }, isUniformWhenAbsent: false)]
  ) { fields throws(DocumentError) in
    let metric: PointMetric = try fields.choice("metric", default: .euclidean, about: "between points, where X stands for D")
    let solve = try solver(fields, epsilon: nil, about: "weight of the entropy, in units of squared distances")
    return Job(memory: { try $0.memoryOfTree(most: most) }) { inputs in
      let count = (0..<most).last { inputs.contains("D\($0)") || inputs.contains("X\($0)") }.map { $0 + 1 } ?? 0
      if count < 2 { throw inputs.missing("two nodes at least, D0 or X0 and D1 or X1") }
      let rho = try inputs.vector("rho")
      if let rho, rho.count != count { throw inputs.missing("rho of \(count) numbers, one a node (found \(rho.count))") }
      let spaces = try (0..<count).map { node in
        let space = try inputs.space("D\(node)", "X\(node)", weights: "a\(node)", metric, isSymmetric: true)
        let marginal =
          inputs.contains("a\(node)")
          ? try TreeMarginal(weights: space.weights, relaxation: rho?[node] ?? .infinity) : try TreeMarginal(freeOver: space.count)
        return try TreeGromovWassersteinProblem.Space(geometry: space.geometry, marginal: marginal)
      }
      let edges = try inputs.edgesOfTree(count)
      let solution = try solve(
        TreeGromovWassersteinProblem(
          topology: TreeTopology(nodeCount: count, edges: edges), spaces: spaces, edgeWeights: inputs.vector("c")))
      var answer = answer(solution)
      for (node, marginal) in solution.nodeMarginals.enumerated() { answer.arrays.append(("marginal\(node)", NumericArray(marginal))) }
      return answer
    }
  }
}

extension ProblemInputs {
  /// The memory of a star of images: plans between all pixels of the barycenter and of each image, none of whose distances are formed.
  fileprivate func memoryOfImages(_ all: String) throws -> MemoryNeed {
    var pixels: [Double] = []
    if let shape = try shape(of: all), shape.count == 3 {
      pixels += [Double](repeating: Double(shape[1]) * Double(shape[2]), count: shape[0])
    }
    for name in imageNames {
      if let shape = try shape(of: name), shape.count > 1 { pixels.append(Double(shape[0]) * Double(shape[1])) }
    }
    return MemoryNeed(
      numbers: 8 * (pixels.max() ?? 0) * pixels.reduce(0, +),
      problem: "a barycenter of \(pixels.count) images of \(Int(pixels.max() ?? 0)) pixels")
  }

  /// The memory of a tree: plans between neighbouring nodes, and each node's distances.
  fileprivate func memoryOfTree(most: Int) throws -> MemoryNeed {
    let sizes = try (0..<most).map { Double(try rows("D\($0)", "X\($0)")) }
    let distances = sizes.indices.reduce(0.0) { $0 + (contains("D\($1)") ? 2 * sizes[$1] * sizes[$1] : 0) }
    let count = sizes.lastIndex { $0 > 0 }.map { $0 + 1 } ?? 0
    let edges = try edgesOfTree(count)
    let plans = edges.reduce(0.0) { $0 + (sizes.indices.contains($1.0) && sizes.indices.contains($1.1) ? sizes[$1.0] * sizes[$1.1] : 0) }
    return MemoryNeed(
      numbers: 8 * plans + distances,
      problem: "a tree of \(count) nodes of \(Int(sizes.max() ?? 0)) points at most")
  }

  /// The edges as given, or those of a chain.
  fileprivate func edgesOfTree(_ count: Int) throws -> [(Int, Int)] {
    try matrix("edges").map { try edges($0) } ?? (1..<max(count, 1)).map { ($0 - 1, $0) }
  }

  fileprivate func edges(_ matrix: Matrix) throws -> [(Int, Int)] {
    if matrix.columns != 2 { throw missing("edges as two columns (found \(matrix.columns))") }
    return try (0..<matrix.rows).map { row in
      guard let first = Int(exactly: matrix[row, 0]), let second = Int(exactly: matrix[row, 1]) else {
        throw missing("whole numbers in edges (found \(matrix[row, 0]) and \(matrix[row, 1]) in row \(row))")
      }
      return (first, second)
    }
  }
}

import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import SolverCatalogue
@testable import UserProblems

/// A folder with one problem for every solver.
struct ProblemFolder {
  let folder = TemporaryFolder()
  let x = normalPoints(12, dimensions: 2, seed: 1)
  let y = normalPoints(9, dimensions: 2, seed: 2)
  let a = randomWeights(12, seed: 3, zeros: [4])
  let b = randomWeights(9, seed: 4)
  let features: Matrix

  init() throws {
    var random = SeededGenerator(seed: 5)
    features = Matrix(rows: 12, columns: 9) { _, _ in random.uniform() }
    try write(
      "points", [("X", NumericArray(x)), ("Y", NumericArray(y)), ("a", NumericArray(a)), ("b", NumericArray(b))])
    try write(
      "spaces",
      [
        ("D1", NumericArray(normalizedDistances(x))), ("D2", NumericArray(normalizedDistances(y))),
        ("a", NumericArray(a)),
        ("b", NumericArray(b)), ("M", NumericArray(features)),
      ])
    try write("plain", [("D1", NumericArray(normalizedDistances(x))), ("D2", NumericArray(normalizedDistances(y)))])
    try write("data", [("X", NumericArray(features)), ("Y", NumericArray(features.transposed))])
    let images = (0..<2 * 6 * 5).map { $0 % 7 == 0 ? 1.0 : 0.1 }
    try write("images", [("A", NumericArray(shape: [2, 6, 5], elements: images))])
  }

  func write(_ name: String, _ arrays: [(name: String, array: NumericArray)]) throws {
    try HDF5.write(arrays, to: "\(folder.path)/\(name).h5")
  }

  func solve(
    _ solver: String, _ inputs: String..., settings: [String] = [], allowsOtherInputs: Bool = false
  ) throws -> SolverAnswer {
    let files = try InputFiles(inputs.map { $0.replacing("./", with: folder.path + "/") })
    return try SolverEntry.named(solver).solve(files, settings: settings, allowsOtherInputs: allowsOtherInputs).answer
  }
}

extension SolverAnswer {
  func number(_ name: String) -> Double? { summary.first { $0.name == name }?.value.number }
}

@Suite struct SolverEntryTests {
  /// Each solver gives what the library gives.
  @Test func answersAreTheLibrarys() throws {
    let folder = try ProblemFolder()
    let (d1, d2) = (normalizedDistances(folder.x), normalizedDistances(folder.y))
    let linear = try LinearProblem(cost: squaredDistances(folder.x, folder.y), source: folder.a, target: folder.b)
    let source = try MetricMeasureSpace(distances: d1, weights: folder.a)
    let target = try MetricMeasureSpace(distances: d2, weights: folder.b)
    let fused = try QuadraticProblem(source: source, target: target, features: folder.features, alpha: 0.3)
    func check(_ answer: SolverAnswer, _ expected: Double, _ key: String = "value") throws {
      let value = try #require(answer.number(key))
      #expect(abs(value - expected) < 1e-12 && answer.isConverged)
    }
    try check(folder.solve("emd", "./points.h5"), NetworkSimplex().solve(linear).value)
    try check(
      folder.solve("sinkhorn", "./points.h5", settings: ["epsilon=0.1"]),
      Sinkhorn(epsilon: 0.1, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 100_000)).solve(
        linear
      ).value)
    let relaxed = try LinearProblem(
      cost: linear.cost, source: folder.a, target: folder.b, relaxation: .init(source: 0.5, target: .infinity))
    try check(
      folder.solve("unbalanced", "./points.h5", settings: ["epsilon=0.1", "rho1=0.5", "rho2=.inf"]),
      Sinkhorn(epsilon: 0.1, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 100_000)).solve(
        relaxed
      ).value)
    try check(folder.solve("fgw", "./spaces.h5", settings: ["alpha=0.3"]), GromovWasserstein().solve(fused).value)
    try check(
      folder.solve("entropic-gw", "./spaces.h5", settings: ["alpha=0.3", "epsilon=0.1"]),
      EntropicGromovWasserstein(epsilon: 0.1).solve(fused).value)
    try check(
      folder.solve("gw", "./plain.h5"),
      GromovWasserstein().solve(.init(source: .init(distances: d1), target: .init(distances: d2))).value)
    let kernel = try ProximityKernel(bandwidth: 0.2).matrix(distances: d1, weights: folder.a)
    let weighted = try QuadraticProblem(
      source: source, target: target, features: folder.features, alpha: 0.3, proximity: kernel)
    try check(
      folder.solve("fot", "./spaces.h5", settings: ["alpha=0.3", "bandwidth=0.2"]),
      GromovWasserstein().solve(weighted).value)
    try check(
      folder.solve("fot", "./spaces.h5", settings: ["alpha=0.3", "bandwidth=0.2", "epsilon=0.05"]),
      EntropicGromovWasserstein(epsilon: 0.05).solve(weighted).value)
    let unbalanced = try QuadraticProblem(
      source: source, target: target, features: folder.features, alpha: 0.5, relaxation: .relaxed(1))
    try check(
      folder.solve("ugw", "./spaces.h5", settings: ["rho1=1", "rho2=1", "epsilon=0.1"]),
      UnbalancedGromovWasserstein(epsilon: 0.1).solve(unbalanced).value)
    let tables = try CoOptimalProblem(source: folder.features, target: folder.features.transposed)
    try check(folder.solve("coot", "./data.h5"), CoOptimalTransport().solve(tables).value)
    let relaxedTables = try CoOptimalProblem(
      source: folder.features, target: folder.features.transposed, relaxation: .relaxed(2))
    try check(
      folder.solve("ucoot", "./data.h5", settings: ["rho1=2", "rho2=2", "epsilon=0.05"]),
      UnbalancedCoOptimalTransport(epsilon: 0.05).solve(relaxedTables).value)
    #expect(try folder.solve("barycenter", "./images.h5", settings: ["epsilon=0.01"]).isConverged)
    let divergence = try SinkhornDivergence(
      Sinkhorn(epsilon: 0.5, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 100_000))
    ).solve(
      linear, sourceCost: squaredDistances(folder.x, folder.x), targetCost: squaredDistances(folder.y, folder.y))
    try check(folder.solve("divergence", "./points.h5", settings: ["epsilon=0.5"]), divergence.value)
  }

  /// A point at infinity forbids nothing: it is refused by all solvers that read points, also where its weight is 0,
  /// and so are distances.
  @Test(arguments: [Double.infinity, -.infinity, .nan]) func pointsAreFinite(value: Double) throws {
    let folder = try ProblemFolder()
    let points = NumericArray(shape: [4, 2], elements: [0, 0, 1, 0, 2, 0, value, 0])
    let others = NumericArray(shape: [3, 2], elements: [0, 1, 1, 1, 2, 1])
    try folder.write("clouds", [("X", points), ("Y", others)])
    try folder.write("weighted", [("X", points), ("Y", others), ("a", NumericArray([0.3, 0.3, 0.4, 0]))])
    try folder.write("line", [("X", NumericArray([0, 1, 2, value])), ("Y", NumericArray([0, 1]))])
    try folder.write("tree", [("X0", points), ("X1", others)])
    let relaxed = ["epsilon=1", "rho1=1", "rho2=1"]
    for (solver, settings) in [
      ("emd", []), ("sinkhorn", ["epsilon=1"]), ("unbalanced", relaxed), ("divergence", ["epsilon=1"]),
      ("uot-cone", ["delta=1"]),
      ("gw", []), ("coot", []), ("ccot", ["delta=1"]),
    ] as [(String, [String])] {
      expect(
        solver, ["./clouds.h5"], settings, "clouds.h5, dataset 'X': 'X' holds \(value) at (3, 0); only finite",
        in: folder)
    }
    expect("emd", ["./weighted.h5"], [], "'X' holds \(value) at (3, 0); only finite", in: folder)
    expect("emd", ["./line.h5"], [], "'X' holds \(value) at (3, 0); only finite", in: folder)
    expect("tree-gw", ["./tree.h5"], ["epsilon=1"], "'X0' holds \(value) at (3, 0); only finite", in: folder)
    try folder.write("cost", [("C", NumericArray(shape: [2, 2], elements: [0, .infinity, 1, 0]))])
    #expect(try folder.solve("emd", "./cost.h5").isConverged)
  }

  @Test func sharesOfABarycenterArePositive() throws {
    let folder = try ProblemFolder()
    for shares in [[1, 0], [0, 0], [1, .nan], [1, -1]] {
      try folder.write("shares", [("weights", NumericArray(shares))])
      let error = #expect(throws: DataError.self) { try folder.solve("barycenter-gw", "./images.h5", "./shares.h5") }
      #expect(error?.description.contains("weights") == true, "\(shares): \(error?.description ?? "")")
    }
  }

  /// Images of one array, as files and as PNG are one problem.
  @Test func imagesHaveABarycenter() throws {
    let folder = try ProblemFolder()
    let images = (0..<2).map { index in Matrix(rows: 6, columns: 7) { $0 < 4 && $1 < 2 + index + $0 ? 1 : 0 } }
    try folder.write("pair", [("A", NumericArray(shape: [2, 6, 7], elements: images.flatMap(\.elements)))])
    for (index, image) in images.enumerated() {
      // Black ink on white paper, in three colours.
      let samples = image.elements.flatMap { value in [UInt16](repeating: value > 0 ? 0 : 255, count: 3) }
      try PixelImage(width: 7, height: 6, channels: 3, samples: samples).write(
        pngFile: "\(folder.folder.path)/\(index).png")
    }
    let settings = ["epsilon=1e-3", "starts=1"]
    let one = try folder.solve("barycenter-gw", "./pair.h5", settings: settings)
    let other = try folder.solve(
      "barycenter-gw", "image0=./0.png", "image1=./1.png", settings: settings + ["inverted=true"])
    let (first, second) = (try #require(one.number("value")), try #require(other.number("value")))
    #expect(one.isConverged && abs(first - second) < 1e-12)
    let barycenter = try #require(one.arrays.first { $0.name == "barycenter" }).array
    #expect(barycenter.shape == [6, 7] && abs(barycenter.elements.reduce(0, +) - 1) < 1e-5)
    try folder.write("bad", [("A", NumericArray(shape: [2, 2, 2], elements: [1, 0, 0, -1, 1, 1, 1, 1]))])
    try folder.write("empty", [("A", NumericArray(shape: [2, 2, 2], elements: [0, 0, 0, 0, 1, 1, 1, 1]))])
    func sentence(_ input: String...) -> String {
      do {
        _ = try SolverEntry.named("barycenter-gw").solve(
          InputFiles(input.map { $0.replacing("./", with: folder.folder.path + "/") }), settings: [])
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(sentence("./bad.h5").contains("'A[0]' holds -1.0 at index 3"))
    #expect(sentence("./empty.h5").contains("'A[0]' has no pixel above 0"))
    #expect(sentence("image0=./0.png").contains("needs at least two images"))
    #expect(sentence("./pair.h5", "image0=./images.h5:A").contains("'image0' is 2×6×5, but an image"))
  }

  @Test func treesAreSolvedAsTheLibraryDoes() throws {
    let folder = try ProblemFolder()
    let (x, y) = (folder.x, folder.y)
    try folder.write(
      "tree",
      [
        ("X0", NumericArray(x)), ("a0", NumericArray(folder.a)), ("X1", NumericArray(y)), ("X2", NumericArray(x)),
        ("a2", NumericArray([Double](repeating: 1.0 / 12, count: 12))), ("rho", NumericArray([0.5, .infinity, 1])),
      ])
    let answer = try folder.solve("tree-gw", "./tree.h5", settings: ["epsilon=0.05", "starts=1", "seed=3"])
    let spaces = [
      try TreeGromovWassersteinProblem.Space(
        geometry: .euclidean(points: x), marginal: TreeMarginal(weights: folder.a, relaxation: 0.5)),
      try .init(geometry: .euclidean(points: y), marginal: TreeMarginal(freeOver: 9)),
      try .init(
        geometry: .euclidean(points: x),
        marginal: TreeMarginal(weights: .init(repeating: 1.0 / 12, count: 12), relaxation: 1)),
    ]
    let solution = try TreeGromovWasserstein(
      epsilon: 0.05, annealing: Annealing(start: 1.25, steps: 3), seed: 3, criterion: .gap,
      stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300)
    ).solve(TreeGromovWassersteinProblem(topology: .chain(3), spaces: spaces))
    let value = try #require(answer.number("value"))
    #expect(abs(value - solution.value) < 1e-12 && answer.isConverged == solution.status.isConverged)
    #expect(answer.arrays.map(\.name) == ["plan0", "plan1", "marginal0", "marginal1", "marginal2"])
    try folder.write("loop", [("edges", NumericArray(Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0])))])
    #expect(throws: DataError.self) {
      try folder.solve("tree-gw", "./tree.h5", "./loop.h5", settings: ["epsilon=0.05"])
    }
  }

  @Test func pointsStandForDistances() throws {
    let folder = try ProblemFolder()
    try folder.write("clouds", [("X", NumericArray(folder.x)), ("Y", NumericArray(folder.y))])
    let distances = { (points: Matrix) in squaredDistances(points, points).map { $0.squareRoot() } }
    try folder.write("both", [("D1", NumericArray(distances(folder.x))), ("D2", NumericArray(distances(folder.y)))])
    let (clouds, both) = (try folder.solve("gw", "./clouds.h5"), try folder.solve("gw", "./both.h5"))
    #expect(abs(try #require(clouds.number("value")) - (try #require(both.number("value")))) < 1e-12)
  }

  @Test func positionsOnLineAndCircle() throws {
    let folder = try ProblemFolder()
    try folder.write("line", [("X", NumericArray([0.1, 0.9])), ("Y", NumericArray([0.0, 0.2]))])
    #expect(
      abs(try #require(folder.solve("emd", "./line.h5", settings: ["metric=euclidean"]).number("value")) - 0.4) < 1e-15)
    let circle = try folder.solve("emd", "./line.h5", settings: ["metric=euclidean", "circumference=1"])
    #expect(abs(try #require(circle.number("value")) - 0.1) < 1e-15)
  }

  @Test func startsAreReported() throws {
    let folder = try ProblemFolder()
    let answer = try folder.solve("gw", "./plain.h5", settings: ["starts=8", "seed=3"])
    try answer.write(to: folder.folder.path + "/s.h5", plans: .dense, description: [:])
    let values = try HDF5.read(folder.folder.path + "/s.h5", dataset: "starts/value").elements
    let basins = try HDF5.read(folder.folder.path + "/s.h5", dataset: "basins/starts").elements
    #expect(values.count == 8 && basins.reduce(0, +) == 8)
    #expect(answer.number("value") == values.min())
  }

  @Test func plansAreWrittenDenseAndSparse() throws {
    let folder = try ProblemFolder()
    let answer = try folder.solve("emd", "./points.h5")
    let path = folder.folder.path + "/s.h5"
    try answer.write(to: path, plans: .dense, description: ["solver": "emd"])
    let dense = try HDF5.read(path, dataset: "plan").matrix
    #expect(try HDF5.text(path, attribute: "status") == "converged")
    #expect(absoluteDifference(dense.rowSums, folder.a) < 1e-14)
    try answer.write(to: path, plans: .sparse, description: [:])
    let (rows, columns) = (
      try HDF5.read(path, dataset: "plan/row").elements, try HDF5.read(path, dataset: "plan/column").elements
    )
    let masses = try HDF5.read(path, dataset: "plan/mass").elements
    var plan = Matrix(rows: 12, columns: 9)
    for k in rows.indices { plan[Int(rows[k]), Int(columns[k])] = masses[k] }
    #expect(plan == dense)
    #expect(try HDF5.read(path, dataset: "plan/shape").elements == [12, 9])
    try answer.write(to: path, plans: .automatic, description: [:])
    #expect(try HDF5.read(path, dataset: "plan").matrix == dense)
    let line = (0..<20_000).map(Double.init)
    try folder.write("line", [("X", NumericArray(line)), ("Y", NumericArray(line))])
    try folder.solve("emd", "./line.h5").write(to: path, plans: .automatic, description: [:])
    #expect(try HDF5.read(path, dataset: "plan/mass").elements.count == 20_000)
    try answer.write(to: path, plans: .none, description: [:])
    #expect(try !HDF5.datasets(in: path).contains { $0.hasPrefix("plan") })
  }

  @Test func everySolverDocumentsItself() throws {
    #expect(Set(SolverEntry.all.map(\.name)).count == SolverEntry.all.count)
    for entry in SolverEntry.all {
      #expect(!entry.inputs.isEmpty && entry.inputs.allSatisfy { !$0.about.isEmpty && !$0.shape.isEmpty })
      #expect(!entry.settings.isEmpty && entry.settings.allSatisfy { !$0.about.isEmpty }, "\(entry.name)")
      for input in entry.inputs { #expect(entry.documentation.contains("    \(input.name) ")) }
    }
  }

  private func expect(
    _ solver: String, _ inputs: [String], _ settings: [String] = [], _ fragments: String..., in folder: ProblemFolder
  ) {
    let error = #expect(throws: (any Error).self) {
      let files = try InputFiles(inputs.map { $0.replacing("./", with: folder.folder.path + "/") })
      _ = try SolverEntry.named(solver).solve(files, settings: settings)
    }
    #expect(error is DataError || error is DocumentError)
    for fragment in fragments {
      #expect("\(error.map { "\($0)" } ?? "")".contains(fragment), "\(error.map { "\($0)" } ?? "none")")
    }
  }

  @Test func badInputIsNamed() throws {
    let folder = try ProblemFolder()
    func write(_ name: String, _ arrays: [(name: String, array: NumericArray)]) throws {
      try folder.write(name, arrays)
    }
    let cost = NumericArray(shape: [2, 3], elements: [0, 1, 2, 3, 4, 5])
    expect("emd", ["./absent.h5"], [], "absent.h5", "no such file", in: folder)
    expect(
      "emd", ["./spaces.h5"], [], "emd has no input 'D1'", "it reads C, X, Y, a, b", "there are D1, D2, M, a, b",
      in: folder)
    expect("emmd", ["./points.h5"], [], "there is no solver 'emmd'; did you mean 'emd'?", in: folder)
    expect("gw", ["./points.h5"], ["start=3"], "unknown key 'start'", "did you mean 'starts'", in: folder)
    expect("gw", ["./points.h5"], ["starts=0"], "--set starts=0: 'starts' is 0", in: folder)
    expect("sinkhorn", ["./points.h5"], ["epsilon=-1"], "'epsilon' is -1", "a positive number", in: folder)
    expect("sinkhorn", ["./points.h5"], [], "the key 'epsilon' is missing", in: folder)
    expect(
      "unbalanced", ["./points.h5"], ["epsilon=1", "rho1=-2", "rho2=1"], "'rho1' is -2", "a number from 0 to inf",
      in: folder)
    expect("sinkhorn", ["./points.h5"], ["epsilon"], "a key and a value were expected", in: folder)
    expect("gw", ["./points.h5"], ["epsilon=1"], "unknown key 'epsilon'", in: folder)
    try write("a-wrong", [("C", cost), ("a", NumericArray([0.5, 0.25, 0.25]))])
    expect("emd", ["./a-wrong.h5"], [], "a-wrong.h5: the cost matrix has 2×3 elements, but 3×3", in: folder)
    for (name, weights, sentence) in [
      ("negative", [1.5, -0.5], "the source weights holds the negative weight -0.5 at index 1"),
      ("nan", [.nan, 1], "the source weights holds nan at index 0"), ("zero", [0, 0], "has no mass"),
      ("other", [1, 1], "the source weights sum to 2.0 and the target weights to 1.0"),
    ] as [(String, [Double], String)] {
      try write(name, [("C", cost), ("a", NumericArray(weights))])
      expect("emd", ["./\(name).h5"], [], "\(name).h5: ", sentence, in: folder)
    }
    try write("huge", [("C", NumericArray(shape: [1, 2], elements: [0, 1e300]))])
    expect("emd", ["./huge.h5"], [], "1e+300 at (0, 1)", in: folder)
    try write("lopsided", [("D1", cost), ("D2", cost)])
    expect("gw", ["./lopsided.h5"], [], "D1 has 2×3 elements, but a square matrix was expected", in: folder)
    let skew = NumericArray(shape: [2, 2], elements: [0, 1, 2, 0])
    try write("skew", [("D1", skew), ("D2", skew)])
    expect("gw", ["./skew.h5"], [], "D1 is not symmetric: element (0, 1) is 1.0, but element (1, 0) is 2.0", in: folder)
    #expect(try folder.solve("gw", "./skew.h5", settings: ["symmetric=false"]).isConverged)
    try write(
      "empty",
      [
        ("X", NumericArray(shape: [0, 2], elements: [])),
        ("Y", NumericArray(shape: [3, 2], elements: [0, 1, 2, 3, 4, 5])),
      ])
    expect("emd", ["./empty.h5"], [], "X is empty; at least one point is needed", in: folder)
    try write("cube", [("C", NumericArray(shape: [1, 2, 3], elements: [0, 1, 2, 3, 4, 5]))])
    expect("emd", ["./cube.h5"], [], "'C' is 1×2×3, but a matrix (n×m) was expected", in: folder)
    try write(
      "dimensions", [("X", NumericArray(folder.x)), ("Y", NumericArray(shape: [2, 3], elements: [0, 1, 2, 3, 4, 5]))])
    expect("emd", ["./dimensions.h5"], [], "Y has 3 coordinates, but 2 (as X) was expected", in: folder)
    folder.folder.write("0,2\n2,0\n", to: "c.csv")
    expect("emd", ["./c.csv"], [], "NAME=", in: folder)
    expect("emd", ["./"], [], "is a folder", in: folder)
    expect("emd", ["./points.h5", "X=./c.csv"], [], "'X' is already given by", in: folder)
    expect("fot", ["./spaces.h5"], [], "fot needs K (n×n) or --set bandwidth", in: folder)
    expect("fgw", ["./plain.h5"], [], "fgw needs M (n×m), but there are D1, D2", in: folder)
    try write(
      "many",
      [
        ("X", NumericArray([Double](repeating: 1, count: 2_000_000))),
        ("Y", NumericArray([Double](repeating: 1, count: 2_000_000))),
      ])
    expect(
      "sinkhorn", ["./many.h5"], ["epsilon=1"], "a 2000000×2000000 problem needs about 160000.0 GB of memory",
      in: folder)
    expect("gw", ["./many.h5"], [], "2000000×2000000 problem needs", in: folder)
    for (mass, code) in [(1e-200, "e-200"), (1e200, "e+200")] {
      try write(
        "mass", [("C", cost), ("a", NumericArray([mass, mass])), ("b", NumericArray([mass, mass / 2, mass / 2]))])
      expect("sinkhorn", ["./mass.h5"], ["epsilon=1"], code, "a mass between 1e-100 and 1e100", in: folder)
      #expect(try folder.solve("emd", "./mass.h5").isConverged)
    }
    expect("gw", ["D1=./c.csv"], [], "gw needs D2 or Y, but there are D1", in: folder)
  }
}

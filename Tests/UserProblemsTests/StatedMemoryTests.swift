#if os(Linux)
  import Datasets
  import Documents
  import Foundation
  import LinearAlgebra
  import TestSupport
  import Testing

  @testable import SolverCatalogue
  @testable import UserProblems

  /// What each solver states that it holds, against what it does hold: in a process of its own, since tests beside this
  /// one would count as well.
  @Suite(.serialized) struct StatedMemoryTests {
    @Test(arguments: SolverCatalogue.names) func whatIsStatedIsHeld(name: String) async {
      await #expect(processExitsWith: .success) { [name = name as String] in
        let problem = try LargeProblem(name)
        defer { unlink(problem.path) }
        let entry = try SolverEntry.named(name)
        let files = try InputFiles([problem.path])
        let solver = try SolverCatalogue.named(name, at: .option("test"))
        let stated =
          8 * (try solver.init(problem.fields()).memory(ProblemInputs(files, of: solver, allowsOthers: false)).numbers)
        let before = try kilobytes("VmRSS")
        let answer = try entry.solve(files, settings: problem.texts).answer
        let held = (try kilobytes("VmHWM") - before) * 1024
        #expect(!answer.numbers.isEmpty)
        #expect(
          held < 1.1 * stated + 8e6 && held > stated / 3, "\(name) states \(stated / 1e6) MB and holds \(held / 1e6)")
      }
    }
  }

  private func kilobytes(_ name: String) throws -> Double {
    let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix(name + ":") })
    return try #require(line.split(separator: " ").compactMap { Double($0) }.first)
  }

  /// A problem of some five megabytes a matrix for a solver, and settings that end after a step or two.
  private struct LargeProblem {
    let path: String
    private let settings: [(String, Value)]

    init(_ name: String) throws {
      let (n, m) = (800, 700)
      let (x, y) = (normalPoints(n, dimensions: 3, seed: 1), normalPoints(m, dimensions: 3, seed: 2))
      let images = NumericArray(shape: [3, 30, 30], elements: (0..<2700).map { $0 % 7 == 0 ? 1.0 : 0.1 })
      let tables = (normalPoints(n, dimensions: 700, seed: 3), normalPoints(m, dimensions: 800, seed: 4))
      let arrays: [(String, NumericArray)] =
        switch name {
        case "fgw", "fot", "semi-relaxed-gw", "partial-gw":
          [("X", NumericArray(x)), ("Y", NumericArray(y)), ("M", NumericArray(squaredDistances(x, y)))]
        case "cgw": [("W1", NumericArray(normalizedDistances(x))), ("W2", NumericArray(normalizedDistances(y)))]
        case "coot", "ucoot", "ccot": [("X", NumericArray(tables.0)), ("Y", NumericArray(tables.1))]
        case "smacof": [("D", NumericArray(normalizedDistances(x)))]
        case "tree":
          [
            ("C0", NumericArray(squaredDistances(x, y))), ("a0", NumericArray(.uniform(n))),
            ("a1", NumericArray(.uniform(m))),
          ]
        case "tree-gw", "barycenter-distances":
          [
            ("X0", NumericArray(x)), ("X1", NumericArray(y)), ("a0", NumericArray(.uniform(n))),
            ("a1", NumericArray(.uniform(m))),
          ]
        case "barycenter-points":
          [
            ("X0", NumericArray(x)), ("X1", NumericArray(y)), ("a0", NumericArray(.uniform(n))),
            ("a1", NumericArray(.uniform(m))),
          ]
        case "sliced":
          [
            ("X", NumericArray(normalPoints(20_000, dimensions: 3, seed: 1))),
            ("Y", NumericArray(normalPoints(9000, dimensions: 3, seed: 2))),
          ]
        case "sliced-sphere":
          [("X", NumericArray(Self.directions(2000, seed: 1))), ("Y", NumericArray(Self.directions(1500, seed: 2)))]
        case "gaussian":
          [
            ("X", NumericArray(normalPoints(300, dimensions: 250, seed: 1))),
            ("Y", NumericArray(normalPoints(200, dimensions: 250, seed: 2))),
          ]
        case "gaussian-barycenter":
          (0..<3).map { ("X\($0)", NumericArray(normalPoints(300, dimensions: 200, seed: UInt64($0)))) }
        case "barycenter-gw", "barycenter": [("A", images)]
        default: [("X", NumericArray(x)), ("Y", NumericArray(y))]
        }
      path = "\(NSTemporaryDirectory())/otlab-memory-\(getpid()).h5"
      try HDF5.write(arrays, to: path)
      let keys = try SolverEntry.named(name).settings.map { $0.path.dropFirst().joined(separator: ".") }
      let wanted: [(String, Value)] = [
        ("epsilon", 0.5), ("iterations", 2), ("innerIterations", 5), ("rho1", 1), ("rho2", 1), ("delta", 1),
        ("bandwidth", 1),
        ("starts", 1),
        ("rows", 30), ("columns", 30), ("points", 700), ("sweeps", 2), ("directions", 16),
      ]
      // Conditional gradients have no inner iterations.
      let others = name == "fot" ? ["epsilon", "innerIterations"] : []
      settings = wanted.filter { keys.contains($0.0) && !others.contains($0.0) }
    }

    /// Points on the sphere.
    private static func directions(_ count: Int, seed: UInt64) -> Matrix {
      let points = normalPoints(count, dimensions: 3, seed: seed)
      let lengths = (points.map { $0 * $0 }).rowSums.map { $0.squareRoot() }
      return Matrix(rows: count, columns: 3) { points[$0, $1] / lengths[$0] }
    }

    func fields() throws -> Fields {
      try Fields(Node(.object(Dictionary(settings) { $1 }), at: .option("test")))
    }

    var texts: [String] { settings.map { "\($0.0)=\($0.1.text)" } }
  }
#endif

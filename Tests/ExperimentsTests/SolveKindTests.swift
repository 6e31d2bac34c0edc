import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Experiments
@testable import SolverCatalogue
@testable import UserProblems

/// The catalogue through both of its doors: `otlab solve` and manifests of the kind `solve`.
@Suite struct SolveKindTests {
  private let folder = TemporaryFolder()

  /// A small problem for a solver: arrays by name.
  private func arrays(for solver: any SolverDescription.Type) -> [(name: String, array: NumericArray)] {
    let (x, y) = (normalPoints(7, dimensions: 2, seed: 1), normalPoints(6, dimensions: 2, seed: 2))
    let images = NumericArray(shape: [2, 4, 5], elements: (0..<40).map { $0 % 7 == 0 ? 1.0 : 0.1 })
    let names = Set(solver.inputs.map(\.name))
    switch solver.name {
    case "fgw", "fot", "semi-relaxed-gw", "partial-gw":
      let features = Matrix(rows: 7, columns: 6) { Double(($0 * 3 + $1 * 5) % 7) / 7 }
      return [("X", NumericArray(x)), ("Y", NumericArray(y)), ("M", NumericArray(features))]
    case "cgw": return [("W1", NumericArray(normalizedDistances(x))), ("W2", NumericArray(normalizedDistances(y)))]
    case "sliced-sphere":
      func onSphere(_ points: Matrix) -> NumericArray {
        let lengths = points.map { $0 * $0 }.rowSums.map { $0.squareRoot() }
        return NumericArray(Matrix(rows: points.rows, columns: 2) { points[$0, $1] / lengths[$0] })
      }
      return [("X", onSphere(x)), ("Y", onSphere(y))]
    case "smacof": return [("D", NumericArray(normalizedDistances(x)))]
    case "tree":
      return [
        ("C0", NumericArray(squaredDistances(x, y))), ("a0", NumericArray(.uniform(7))),
        ("a1", NumericArray(.uniform(6))),
      ]
    case _ where names.contains("X0"):
      return [
        ("X0", NumericArray(x)), ("X1", NumericArray(y)), ("a0", NumericArray(.uniform(7))),
        ("a1", NumericArray(.uniform(6))),
      ]
    case _ where names.contains("A"): return [("A", images)]
    default: return [("X", NumericArray(x)), ("Y", NumericArray(y))]
    }
  }

  /// Every setting that can be changed by itself, at a value that is not its default.
  private func settings(_ solver: any SolverDescription.Type) -> [(key: String, value: Value)] {
    SolverCatalogue.settings(of: solver).compactMap { question in
      let key = question.path.dropFirst().joined(separator: ".")
      // Points on a circle are other inputs; an exponent takes the place of the metric; with the kernel off its default
      // the cone of this one has no cap.
      if key == "circumference" || key == "exponent" && solver.name == "emd"
        || key == "cap" && solver.name == "uot-cone"
      {
        return nil
      }
      // Squares go without entropy, and other maps have other settings.
      if key == "penalty" && ["ugw", "ucoot"].contains(solver.name) { return nil }
      let ofOtherMaps = ["method", "ridge", "ridges", "smoothness", "leastCurvature", "seed"]
      if solver.name == "map" && ofOtherMaps.contains(key) { return nil }
      // With entropy there are no pivots, and what is to stay fixed is another input.
      if key == "pivots" && solver.name == "partial" || key == "fixed" { return nil }
      if key == "target" { return (key, "torus") }
      switch question.kind {
      case .mapping, .anything, .text, .texts, .either: return nil
      case .flag: return (key, .bool(!(question.fallback?.bool ?? false)))
      case .choice(let names), .choices(let names):
        guard let other = names.first(where: { $0 != question.fallback?.string }), names.count > 1 else { return nil }
        return (key, .string(other))
      case .integer(let range), .integers(let range):
        let wanted = [
          "iterations": 40, "innerIterations": 70, "starts": 2, "seed": 5, "pivots": 1000, "rows": 4, "columns": 3,
          "points": 5,
        ]
        let value = wanted[key] ?? (question.fallback?.integer.map { $0 + 1 } ?? range.lowerBound + 1)
        return (key, .integer(min(max(value, range.lowerBound), range.upperBound)))
      case .number(let range), .numbers(let range):
        let wanted = [
          "tolerance": 1e-3, "innerTolerance": 1e-5, "epsilon": 0.3, "rho1": 2.0, "rho2": 3.0, "delta": 0.8,
          "alpha": 0.4, "floor": 0.01,
        ]
        let value = wanted[key] ?? (question.fallback?.number.map { 0.9 * $0 } ?? 0.7)
        return range.contains(value) ? (key, .number(value)) : nil
      }
    }
  }

  private func body(
    _ solver: any SolverDescription.Type, _ settings: [(key: String, value: Value)], path: String, seed: Int = 3
  ) throws
    -> CaseBody
  {
    let place = Place.file("test")
    var node = Node(["name": .string(solver.name)], at: place)
    for setting in settings {
      node = try node.merging(Node.nested(setting.key, Node(setting.value, at: place), at: place))
    }
    return try CaseBody(
      data: Node(["problem": ["file": .string(path)]], at: place), params: Node([:], at: place), solver: node,
      seed: seed)
  }

  /// A monitor that says stop at once is asked by one start alone.
  @Test(arguments: SolverCatalogue.names) func noStartBeginsAfterAStop(name: String) throws {
    let solver = try SolverCatalogue.named(name, at: .option("test"))
    let questions = SolverCatalogue.settings(of: solver).filter { $0.path.count == 2 }
    let keys = Set(questions.map { $0.path[1] })
    guard keys.contains("starts") else { return }
    let path = "\(folder.path)/\(name).h5"
    try HDF5.write(arrays(for: solver), to: path)
    let given: [String: String] = ["epsilon": "0.3", "rho1": "2", "rho2": "2", "delta": "0.8", "bandwidth": "0.5"]
    var settings = questions.compactMap { question in
      question.fallback == nil ? given[question.path[1]].map { "\(question.path[1])=\($0)" } : nil
    }
    settings += ["starts=3"] + (keys.contains("tolerance") ? ["tolerance=0"] : [])
    let looks = Mutex(0)
    let answer = try SolverEntry.named(name).solve(InputFiles([path]), settings: settings) { _ in
      looks.withLock { $0 += 1 }
      return false
    }.answer
    #expect(looks.withLock { $0 } == 1)
    #expect(answer.statusText == "interrupted", "\(answer.statusText)")
    let isFinite = answer.summary.compactMap(\.value.number).allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  @Test(arguments: SolverCatalogue.names) func bothDoorsGiveTheSameBits(name: String) throws {
    let solver = try SolverCatalogue.named(name, at: .option("test"))
    let path = "\(folder.path)/\(name).h5"
    try HDF5.write(arrays(for: solver), to: path)
    let settings = settings(solver)
    let body = try body(solver, settings, path: path)
    let experiment = try SolveExperiment(body)
    try body.solver.finish()
    try body.data.finish()
    let result = try experiment.run(RunContext(inputs: ["data.problem": path], report: { _ in }))
    let texts = settings.map { "\($0.key)=\($0.value.text)" }
    let (answer, resolved) = try SolverEntry.named(name).solve(InputFiles([path]), settings: texts)
    let written = answer.datasets(plans: .automatic)
    #expect(written.map(\.name).sorted() == result.arrays.map(\.name).sorted())
    for (array, other) in zip(written.sorted { $0.name < $1.name }, result.arrays.sorted { $0.name < $1.name })
    where !array.name.hasPrefix("trace/seconds") {
      #expect(
        array.array.elements.map(\.bitPattern) == other.array.elements.map(\.bitPattern), "\(name): \(array.name)")
    }
    let own = try #require(body.solver.resolved.object)
    for (key, value) in resolved.object ?? [:] { #expect(own[key] == value, "\(name): \(key)") }
    let told = Set(solver.outputs.map(\.key))
    for (number, _) in answer.numbers where !number.hasPrefix("distortion") && !number.hasPrefix("feature_cost") {
      #expect(told.contains(number), "\(name) gives \(number), which its outputs do not name")
    }
    let all = SolverCatalogue.settings(of: solver).filter { $0.kind != .mapping }
    #expect(
      settings.count >= all.count - (["emd": 2, "map": 6][name] ?? 1),
      "\(name): of \(all.count) settings \(settings.count) are tried")
  }

  /// Repetitions draw from their own seeds where a manifest gives none.
  @Test func aRunsSeedIsTheSolvers() throws {
    let solver = try SolverCatalogue.named("jmds", at: .option("test"))
    let path = "\(folder.path)/seeds.h5"
    try HDF5.write(arrays(for: solver), to: path)
    func values(_ settings: [(key: String, value: Value)], seed: Int) throws -> [Double] {
      let experiment = try SolveExperiment(
        body(solver, [("starts", 2), ("iterations", 5)] + settings, path: path, seed: seed))
      let result = try experiment.run(RunContext(inputs: ["data.problem": path], report: { _ in }))
      return try #require(result.arrays.first { $0.name == "starts/value" }).array.elements
    }
    let (third, fourth) = (try values([], seed: 3), try values([], seed: 4))
    #expect(third[1] == fourth[0] && third[0] != fourth[0])
    #expect(try values([("seed", 3)], seed: 9) == third)
    // It is no part of what a repetition resolves to, which all repetitions share.
    let plain = try body(solver, [], path: path, seed: 3)
    _ = try SolveExperiment(plain)
    #expect(plain.solver.resolved["seed"] == nil)
  }

  /// Names that programs in Python can take as they are.
  @Test func noNameIsAWordOfPython() {
    let words: Set = [
      "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
      "elif", "else",
      "except",
      "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
      "raise", "return", "try",
      "while", "with", "yield",
    ]
    for solver in SolverCatalogue.solvers {
      for input in solver.inputs { #expect(!words.contains(input.name), "\(solver.name): \(input.name)") }
      for setting in SolverCatalogue.settings(of: solver) {
        #expect(setting.path.allSatisfy { !words.contains($0) }, "\(solver.name): \(setting.path)")
      }
    }
    for kind in Registry.registered.kinds {
      for question in kind.questions {
        #expect(question.path.allSatisfy { !words.contains($0) }, "\(kind.kind): \(question.path)")
      }
    }
  }

  /// What a former key is now called, by the error that it ends in.
  @Test(arguments: [
    ("sinkhorn", "relative", "'epsilonUnit: largest-cost'"), ("gw", "iterationLimit", "'iterations'"),
    ("ugw", "innerIterationLimit", "'innerIterations'"), ("tree-gw", "annealFrom", "'start' in 'annealing'"),
    ("joint-embedding", "lambda", "'distortionWeight'"), ("joint-embedding", "lambdaFrom", "'leadBy'"),
  ]) func formerKeysAreNamed(name: String, key: String, words: String) throws {
    let solver = try SolverCatalogue.named(name, at: .option("test"))
    let required = settings(solver).filter { ["epsilon", "rho1", "rho2"].contains($0.key) }
    let error = #expect(throws: DocumentError.self) {
      try SolveExperiment(body(solver, required + [(key, 1)], path: "x.h5"))
    }
    #expect(error?.description.contains("'solver.\(key)' is now \(words)") == true, "\(error?.description ?? "")")
  }
}

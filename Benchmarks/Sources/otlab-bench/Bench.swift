import Foundation
import LinearAlgebra
import OptimalTransport

/// Solves one problem and prints what it took as JSON; `compare.py` runs it beside the Python peers.
///
/// Usage: otlab-bench CASE FOLDER key=value…, with the arrays in FOLDER as files of raw float64 numbers and their sizes
/// n, m, … among the keys.
@main
struct Bench {
  private let folder: String
  private let settings: [String: String]

  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2 else { fail() }
    let pairs = arguments.dropFirst(2).map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    let bench = Bench(folder: arguments[1], settings: Dictionary(pairs.map { ($0[0], $0.last ?? "") }) { $1 })
    try Threads.limited(to: Int(ProcessInfo.processInfo.environment["OTLAB_THREADS"] ?? "1") ?? 1) {
      try bench.run(arguments[0])
    }
  }

  private func run(_ name: String) throws {
    switch name {
    case "exact": try exact()
    case "sinkhorn-iteration": try sinkhornIteration()
    case "sinkhorn": try sinkhorn()
    case "gw": try gromovWasserstein()
    case "entropic-gw": try entropicGromovWasserstein()
    case "ugw": try unbalancedGromovWasserstein()
    case "coot": try coOptimalTransport()
    case "barycenter": try barycenter()
    case "joint-embedding": try jointEmbedding()
    case "conic": try conic()
    default: Self.fail()
    }
  }

  private static func fail() -> Never {
    FileHandle.standardError.write(Data("usage: see Benchmarks/Sources/otlab-bench/Bench.swift\n".utf8))
    exit(64)
  }

  private func exact() throws {
    let problem = try LinearProblem(cost: matrix("C", "n", "m"), source: vector("a"), target: vector("b"))
    try measure { () throws(ProblemError) in
      try NetworkSimplex().solve(problem)
    } report: {
      ["value": $0.value, "iterations": Double($0.pivots), "gap": $0.certificate.gap]
    }
  }

  /// Seconds an iteration: what starting and finishing cost is taken out.
  private func sinkhornIteration() throws {
    let problem = try LinearProblem(cost: matrix("C", "n", "m"))
    let (epsilon, iterations) = (try real("epsilon"), try number("iterations"))
    let form: Sinkhorn.Form = settings["form"] == "logarithmic" ? .logarithmic : .scaling
    func seconds(_ iterations: Int) throws -> Double {
      let start = processorSeconds()
      _ = try Sinkhorn(epsilon: epsilon, form: form, stopping: .init(tolerance: 0, iterationLimit: iterations)).solve(
        problem)
      return processorSeconds() - start
    }
    _ = try seconds(1)
    let spent = try (seconds(iterations + 1) - seconds(1)) / Double(iterations)
    print(["seconds": spent])
  }

  private func sinkhorn() throws {
    let rho = settings["rho"].flatMap(Double.init) ?? .infinity
    let problem = try LinearProblem(cost: matrix("C", "n", "m"), relaxation: .relaxed(rho))
    let solver = Sinkhorn(epsilon: try real("epsilon"), stopping: .init(tolerance: 1e-9, iterationLimit: 1_000_000))
    try measure { () throws(ProblemError) in
      try solver.solve(problem)
    } report: {
      [
        "value": $0.transportCost, "iterations": Double($0.iterations), "error": $0.optimalityError,
        "mass": $0.coupling.plan.elements.reduce(0, +),
      ]
    }
  }

  private func spaces(_ relaxation: MarginalRelaxation = .balanced) throws -> QuadraticProblem {
    let features = settings["alpha"] == nil ? nil : try matrix("M", "n", "m")
    return try QuadraticProblem(
      source: MetricMeasureSpace(distances: matrix("D1", "n", "n")),
      target: MetricMeasureSpace(distances: matrix("D2", "m", "m")),
      features: features, alpha: settings["alpha"].flatMap(Double.init), relaxation: relaxation)
  }

  private func gromovWasserstein() throws {
    let problem = try spaces()
    try measure { () throws(ProblemError) in
      try GromovWasserstein().solve(problem)
    } report: {
      ["value": $0.value, "iterations": Double($0.iterations)]
    }
  }

  private func entropicGromovWasserstein() throws {
    let problem = try spaces()
    var solver = EntropicGromovWasserstein(gradientEpsilon: try real("epsilon"))
    solver.stopping.iterationLimit = try number("steps")
    try measure { () throws(ProblemError) in
      try solver.solve(problem)
    } report: {
      ["value": $0.value, "iterations": Double($0.iterations), "error": $0.coupling.marginalError]
    }
  }

  private func unbalancedGromovWasserstein() throws {
    let problem = try spaces(.relaxed(try real("rho")))
    let solver = UnbalancedGromovWasserstein(
      epsilon: try real("epsilon"), stopping: .init(tolerance: 1e-7, iterationLimit: 1000),
      innerStopping: .init(tolerance: 1e-9, iterationLimit: 3000))
    try measure { () throws(ProblemError) in
      try solver.solve(problem)
    } report: {
      ["value": $0.regularizedValue, "iterations": Double($0.iterations), "mass": $0.mass]
    }
  }

  private func coOptimalTransport() throws {
    let problem = try CoOptimalProblem(source: matrix("X", "n", "d"), target: matrix("Y", "m", "d"))
    try measure { () throws(ProblemError) in
      try CoOptimalTransport().solve(problem)
    } report: {
      ["value": $0.value, "iterations": Double($0.iterations)]
    }
  }

  private func barycenter() throws {
    let side = try number("side")
    let measures = Matrix(rows: try number("s"), columns: side * side, elements: try numbers("A"))
    let problem = try BarycenterProblem(
      measures: measures, support: .grid(shape: [side, side], step: 1 / Double(side - 1)))
    let solver = WassersteinBarycenter(
      epsilon: try real("epsilon"), stopping: .init(tolerance: 0, iterationLimit: try number("iterations")))
    try measure { () throws(ProblemError) in
      try solver.solve(problem)
    } report: {
      ["value": $0.weights.reduce(0) { $0 + $1 * $1 }, "iterations": Double($0.iterations)]
    }
  }

  /// Seconds an outer iteration, the first left out as by the peer.
  private func jointEmbedding() throws {
    let (side, count) = (try number("side"), try number("iterations"))
    let problem = try JointEmbeddingProblem(
      first: MetricMeasureSpace(distances: matrix("D1", "n", "n")),
      second: MetricMeasureSpace(distances: matrix("D2", "n", "n")),
      target: .lattice(.pixels(rows: side, columns: side, unit: 1.14 / Double(side - 1))), lambda: real("lambda"),
      convention: .normalized)
    let epsilon = try real("epsilon")
    func seconds(_ iterations: Int) throws -> Double {
      let start = processorSeconds()
      _ = try JointEmbedding(
        epsilon: epsilon, stopping: .init(tolerance: 0, iterationLimit: iterations),
        innerStopping: .init(tolerance: 1e-6, iterationLimit: 200)
      ).solve(problem)
      return processorSeconds() - start
    }
    _ = try seconds(1)
    print(["seconds": try (seconds(count + 1) - seconds(1)) / Double(count)])
  }

  /// Outer iterations between two binary networks.
  private func conic() throws {
    let count = try number("iterations")
    func network(_ name: String, _ size: String) throws -> Hypernetwork {
      guard let graph = Adjacency(try matrix(name, size, size)) else { Bench.fail() }
      return try .network(.adjacency(graph))
    }
    let problem = try ConicProblem(first: network("A1", "n"), second: network("A2", "n"), delta: real("delta"))
    func seconds(_ iterations: Int) throws -> Double {
      let start = processorSeconds()
      _ = try ConicGromovWasserstein(
        SemiCouplingAscent(sweeps: number("sweeps"), stopping: .init(tolerance: 0, iterationLimit: iterations))
      ).solve(problem)
      return processorSeconds() - start
    }
    _ = try seconds(1)
    print(["seconds": try (seconds(count + 1) - seconds(1)) / Double(count)])
  }

  // MARK: Inputs and measurement

  private func numbers(_ name: String) throws -> [Double] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    return data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  private func vector(_ name: String) throws -> [Double]? {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)") ? try numbers(name) : nil
  }

  private func matrix(_ name: String, _ rows: String, _ columns: String) throws -> Matrix {
    Matrix(rows: try number(rows), columns: try number(columns), elements: try numbers(name))
  }

  private struct MissingKey: Error { let key: String }

  private func real(_ key: String) throws -> Double {
    guard let value = settings[key].flatMap(Double.init) else { throw MissingKey(key: key) }
    return value
  }

  private func number(_ key: String) throws -> Int { Int(try real(key)) }

  /// Solves and prints processor seconds and the memory that solving added at its peak.
  private func measure<S>(_ solve: () throws(ProblemError) -> S, report: (S) -> [String: Double]) throws {
    let before = memory("VmRSS")
    // Writing 5 resets the peak.
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    let start = processorSeconds()
    let solution = try solve()
    let seconds = processorSeconds() - start
    print(report(solution).merging(["seconds": seconds, "megabytes": max(0, memory("VmHWM") - before)]) { $1 })
  }

  private func memory(_ key: String) -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
    return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) } ?? 0)
      / 1024
  }

  private func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(0, &usage)
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) * 1e-6
  }

  private func print(_ numbers: [String: Double]) {
    let members = numbers.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    Swift.print(
      "{\(members.joined(separator: ", ")), \"blas\": \"\(Processor.blasDescription)\", \"threads\": \(Threads.count)}")
  }
}

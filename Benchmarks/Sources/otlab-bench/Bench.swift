import Foundation
import LinearAlgebra
import OptimalTransport

/// Solves one problem from files of raw float64 numbers and prints what it took as JSON; `compare.py` runs it beside the Python peers.
///
/// Usage: otlab-bench sinkhorn COST n m epsilon scaling|logarithmic iterations
///        otlab-bench sinkhorn-solve COST n m epsilon scaling|logarithmic tolerance
///        otlab-bench exact COST n m [A B]
///        otlab-bench entropic-gw D1 D2 n m gradientEpsilon steps
@main
struct Bench {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    Threads.use(Int(ProcessInfo.processInfo.environment["OTLAB_THREADS"] ?? "1") ?? 1)
    switch arguments.first {
    case "sinkhorn" where arguments.count == 7: try sinkhorn(arguments)
    case "sinkhorn-solve" where arguments.count == 7: try sinkhornSolve(arguments)
    case "exact" where [4, 6].contains(arguments.count): try exact(arguments)
    case "entropic-gw" where arguments.count == 7: try entropicGromovWasserstein(arguments)
    default:
      FileHandle.standardError.write(Data("usage: see Benchmarks/Sources/otlab-bench/Bench.swift\n".utf8))
      exit(64)
    }
  }

  private static func sinkhorn(_ arguments: [String]) throws {
    let (n, m, epsilon, iterations) = (number(arguments[2]), number(arguments[3]), real(arguments[4]), number(arguments[6]))
    let problem = try LinearProblem(cost: matrix(arguments[1], n, m))
    let form = Sinkhorn.Form(rawValue: arguments[5]) ?? .scaling
    func seconds(_ iterations: Int) throws -> Double {
      let start = processorSeconds()
      _ = try Sinkhorn(epsilon: epsilon, form: form, stopping: .init(tolerance: 0, iterationLimit: iterations)).solve(problem)
      return processorSeconds() - start
    }
    // What starting and finishing cost is taken out: an iteration is asked for.
    _ = try seconds(1)
    let perIteration = try (seconds(iterations + 1) - seconds(1)) / Double(iterations)
    report(["secondsPerIteration": perIteration])
  }

  private static func sinkhornSolve(_ arguments: [String]) throws {
    let problem = try LinearProblem(cost: matrix(arguments[1], number(arguments[2]), number(arguments[3])))
    let form = Sinkhorn.Form(rawValue: arguments[5]) ?? .scaling
    let start = processorSeconds()
    let solution = try Sinkhorn(
      epsilon: real(arguments[4]), form: form, stopping: .init(tolerance: real(arguments[6]), iterationLimit: 100_000)
    ).solve(problem)
    report([
      "seconds": processorSeconds() - start, "iterations": Double(solution.iterations), "marginalError": solution.coupling.marginalError,
    ])
  }

  private static func exact(_ arguments: [String]) throws {
    let (n, m) = (number(arguments[2]), number(arguments[3]))
    let weights = try arguments.dropFirst(4).enumerated().map { try matrix($1, 1, $0 == 0 ? n : m).elements }
    let problem = try LinearProblem(cost: matrix(arguments[1], n, m), source: weights.first, target: weights.last)
    let start = processorSeconds()
    let solution = try NetworkSimplex().solve(problem)
    report([
      "seconds": processorSeconds() - start, "value": solution.value, "pivots": Double(solution.pivots),
      "violation": solution.certificate.violation, "gap": solution.certificate.gap,
    ])
  }

  private static func entropicGromovWasserstein(_ arguments: [String]) throws {
    let (n, m, epsilon, steps) = (number(arguments[3]), number(arguments[4]), real(arguments[5]), number(arguments[6]))
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: matrix(arguments[1], n, n)), target: MetricMeasureSpace(distances: matrix(arguments[2], m, m)))
    var solver = EntropicGromovWasserstein(gradientEpsilon: epsilon)
    solver.stopping.iterationLimit = steps
    let start = processorSeconds()
    let solution = try solver.solve(problem)
    report([
      "seconds": processorSeconds() - start, "value": solution.value, "iterations": Double(solution.iterations),
      "innerIterations": Double(solution.innerIterations), "marginalError": solution.coupling.marginalError,
    ])
  }

  private static func matrix(_ path: String, _ rows: Int, _ columns: Int) throws -> Matrix {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    precondition(data.count == rows * columns * 8, "\(path) does not hold \(rows)×\(columns) numbers")
    return Matrix(rows: rows, columns: columns, elements: data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) })
  }

  private static func number(_ text: String) -> Int { Int(text) ?? 0 }
  private static func real(_ text: String) -> Double { Double(text) ?? 0 }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(0, &usage)
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) * 1e-6
  }

  private static func report(_ numbers: [String: Double]) {
    let members = numbers.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    print("{\(members.joined(separator: ", ")), \"blas\": \"\(Threads.blasDescription)\", \"threads\": \(Threads.count)}")
  }
}

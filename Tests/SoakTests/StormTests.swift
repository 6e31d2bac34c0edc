import Alignment
import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import UserProblems

/// Problems drawn with ill will over every solver: each ends in a sentence, or in an answer without NaN whose
/// `converged` can be checked.
@Suite(.serialized) struct StormTests {
  @Test(arguments: conformances.map { $0.name }) func everySolver(name: String) throws {
    let conformance = try #require(conformances.first { $0.name == name })
    let entry = try SolverEntry.named(name)
    let started = Date()
    var random = SeededGenerator(seed: 77, stream: name)
    var (refused, certified, converged, limited, faulty) = (0, 0, 0, 0, 0)
    let count = Soak.count(10_000, sample: 25)
    let path = "\(Soak.fastFolder)/otlab-storm-\(getpid())-\(name).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for number in 0..<count {
      let problem = AdversarialProblem(for: conformance, random: &random)
      try HDF5.write(problem.arrays.map { ($0.name, $0.array) }, to: path)
      do {
        let answer = try entry.solve(InputFiles([path]), settings: problem.settings).answer
        let certificate = Certificate(answer, to: problem, of: conformance)
        let faults = certificate.faults
        for fault in faults { Issue.record("\(name) \(number): \(fault): \(problem.description)") }
        if !faults.isEmpty {
          faulty += 1
          Soak.keep(path, as: "\(name)-\(number).h5")
        }
        if certificate.isJudged { certified += 1 } else if answer.isConverged { converged += 1 } else { limited += 1 }
      } catch {
        #expect(error is DataError || error is DocumentError, "\(name) \(number): \(error): \(problem.description)")
        refused += 1
      }
    }
    #expect(
      certified + converged + limited >= count / 10,
      "\(name): \(refused) of \(count) are refused, so that hardly anything is tried")
    if faulty > 0 { return }
    Soak.report(
      "storm", name, cases: count,
      outcome:
        """
        \(certified) converged and are certified, \(converged) at weights too small for it, \(limited) at their limit, 
        """
          + "\(refused) refused; no NaN",
      since: started)
  }

  @Test func multiViewAlignment() throws {
    let started = Date()
    var random = SeededGenerator(seed: 79)
    let count = Soak.count(1000, sample: 12)
    var (converged, refused) = (0, 0)
    for _ in 0..<count {
      var drawn: [String] = []
      func cells() -> Matrix {
        let style = random.integer(below: 4)
        let scale = [1e-12, 1, 1, 1e12][random.integer(below: 4)]
        defer { drawn.append("style \(style), scale \(scale)") }
        return Matrix(rows: 1 + random.integer(below: 60), columns: 1 + random.integer(below: 5)) { _, _ in
          style == 0 ? scale : style == 1 ? scale * Double(random.integer(below: 3)) : scale * random.normal()
        }
      }
      do {
        let solution = try MultiViewAlignment(bootstrapDraws: 3).solve(try MultiViewProblem(cells(), cells()))
        let isSound = solution.coupling.plan.elements.allSatisfy { $0.isFinite && $0 >= 0 }
        #expect(isSound, "\(drawn) \(solution.status)")
        #expect(!(solution.margin ?? 0).isNaN && !(solution.stability ?? 0).isNaN)
        #expect(!solution.firstInSecond.elements.contains { $0.isNaN })
        if solution.status.isConverged {
          converged += 1
          #expect(
            solution.coupling.marginalError < 1e-3,
            "\(drawn): it says converged with an error of \(solution.coupling.marginalError)")
        }
      } catch {
        refused += 1
      }
    }
    #expect(refused < count)
    Soak.report(
      "storm", "many views", cases: count,
      outcome: "\(converged) converged and keep their weights, \(refused) refused; no NaN",
      since: started)
  }
}

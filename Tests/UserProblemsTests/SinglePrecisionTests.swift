import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import SolverCatalogue
@testable import UserProblems

/// Numbers that were rounded to single precision before they came here, and other weights that are nearly right.
@Suite struct SinglePrecisionTests {
  private typealias Named = (name: String, array: NumericArray)

  private let folder = TemporaryFolder()

  private func solve(_ solver: String, _ arrays: [Named], settings: [String] = []) throws -> SolverAnswer {
    let path = "\(folder.path)/problem.h5"
    try HDF5.write(arrays, to: path)
    return try SolverEntry.named(solver).solve(InputFiles([path]), settings: settings).answer
  }

  private func single(_ values: [Double]) -> NumericArray { NumericArray(values.map { Double(Float($0)) }) }

  /// Fifths in single precision sum to 1 + 1.5e-8, against the uniform default, which is 1 exactly.
  @Test("float32_weights") func float32Weights() throws {
    let cost = squaredDistances(normalPoints(5, dimensions: 2, seed: 1), normalPoints(5, dimensions: 2, seed: 2))
    let expected = try NetworkSimplex().solve(LinearProblem(cost: cost)).value
    let fifths = single([Double](repeating: 0.2, count: 5))
    for names in [["a"], ["b"], ["a", "b"]] {
      let weights = names.map { (name: $0, array: fifths) }
      let answer = try solve("emd", [(name: "C", array: NumericArray(cost))] + weights)
      #expect(answer.isConverged && abs((answer.number("value") ?? 0) - expected) < 1e-15)
      #expect(
        answer.notes.count == names.count && answer.notes.allSatisfy { $0.contains("rescaled to 1") }, "\(answer.notes)"
      )
    }
    #expect(
      try solve("emd", [("C", NumericArray(cost)), ("a", NumericArray([Double](repeating: 0.2, count: 5)))]).notes
        .isEmpty)
  }

  /// Every solver whose weights must have one sum.
  @Test func allSolversTakeSinglePrecision() throws {
    let (x, y) = (normalPoints(7, dimensions: 2, seed: 3), normalPoints(6, dimensions: 2, seed: 4))
    let weights: [Named] = [("a", single(randomWeights(7, seed: 5))), ("b", single(randomWeights(6, seed: 6)))]
    let heavy: [Named] = weights.map { name, array in
      let factor = name == "a" ? 25 * (1 + 2e-7) : 25
      return (name: name, array: single(array.elements.map { $0 * factor }))
    }
    let spaces: [Named] = [("D1", NumericArray(normalizedDistances(x))), ("D2", NumericArray(normalizedDistances(y)))]
    let tree: [Named] = spaces.map { (name: $0.name == "D1" ? "D0" : "D1", array: $0.array) }
    let fused: [Named] = spaces + [(name: "M", array: NumericArray(squaredDistances(x, y)))]
    let problems: [(String, [Named], [String])] = [
      ("emd", [("C", NumericArray(squaredDistances(x, y)))], []),
      ("emd", [("X", NumericArray(x)), ("Y", NumericArray(y))], []),
      ("sinkhorn", [("C", NumericArray(squaredDistances(x, y)))], ["epsilon=0.5"]),
      ("unbalanced", [("C", NumericArray(squaredDistances(x, y)))], ["epsilon=0.5", "rho1=.inf", "rho2=.inf"]),
      ("divergence", [("X", NumericArray(x)), ("Y", NumericArray(y))], ["epsilon=0.5"]), ("gw", spaces, []),
      ("entropic-gw", spaces, ["epsilon=0.5"]), ("ugw", spaces, ["epsilon=0.5", "rho1=.inf", "rho2=.inf"]),
      ("fot", fused, ["bandwidth=1"]), ("fgw", fused, []),
      ("coot", [("X", NumericArray(squaredDistances(x, y))), ("Y", NumericArray(squaredDistances(y, x)))], []),
      ("tree-gw", tree, ["epsilon=0.5"]),
    ]
    for (solver, arrays, settings) in problems {
      let rename = { (name: String) in solver == "tree-gw" ? (name == "a" ? "a0" : "a1") : name }
      for given in [weights, heavy] {
        let named = given.map { (name: rename($0.name), array: $0.array) }
        let answer = try solve(solver, arrays + named, settings: settings)
        #expect((answer.number("value") ?? .nan).isFinite, "\(solver)")
        let sums = given.map { compensatedSum($0.array.elements) }
        if sums.contains(where: { abs($0 - sums[0]) > 1e-9 * $0 }) { #expect(!answer.notes.isEmpty, "\(solver)") }
      }
    }
  }

  @Test func largerDifferencesAreRefusedAndNamed() throws {
    let cost = NumericArray(Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0]))
    let arrays: [Named] = [("C", cost), ("a", NumericArray([0.5, 0.50001]))]
    let error = #expect(throws: DataError.self) { try solve("emd", arrays) }
    #expect(error?.description.contains("--set normalize=true") == true, "\(error?.description ?? "")")
    #expect(try solve("emd", arrays, settings: ["normalize=true"]).isConverged)
    let table = Matrix(rows: 2, columns: 2, elements: [0, 1, 1.001, 0])
    let spaces: [Named] = [("D1", NumericArray(table)), ("D2", NumericArray(table))]
    let asymmetric = #expect(throws: DataError.self) { try solve("gw", spaces) }
    #expect(asymmetric?.description.contains("--set symmetric=false") == true, "\(asymmetric?.description ?? "")")
  }

  /// The largest distance says nothing of the asymmetry of the others.
  @Test(arguments: [1.0, 1e12]) func asymmetryIsJudgedPairByPair(far: Double) throws {
    let points = normalPoints(9, dimensions: 2, seed: 7)
    var distances = normalizedDistances(points)
    for i in 0..<8 {
      distances[i, 8] *= far
      distances[8, i] *= far
    }
    func spaces(_ change: Double) -> [Named] {
      var rounded = distances
      for i in 0..<9 { for j in 0..<i { rounded[i, j] *= 1 + change } }
      return [
        ("D1", NumericArray(rounded)),
        ("D2", NumericArray(normalizedDistances(normalPoints(9, dimensions: 2, seed: 8)))),
      ]
    }
    #expect(try solve("gw", spaces(0)).notes.isEmpty)
    let answer = try solve("gw", spaces(1e-7))
    #expect(answer.notes.count == 1 && answer.notes[0].contains("'D1'"), "\(answer.notes)")
    #expect(throws: DataError.self) { try solve("gw", spaces(1e-3)) }
    #expect(throws: ProblemError.self) { try MetricMeasureSpace(distances: spaces(1e-7)[0].array.matrix) }
    #expect(throws: Never.self) { try MetricMeasureSpace(distances: spaces(1e-13)[0].array.matrix) }
  }

  @Test func emptyWeightsAreUniform() throws {
    let cost = NumericArray(Matrix(rows: 2, columns: 3, elements: [0, 1, 2, 2, 1, 0]))
    let answer = try solve("emd", [("C", cost), ("a", NumericArray([Double]())), ("b", NumericArray([Double]()))])
    #expect(answer.isConverged && abs((answer.number("value") ?? 0) - 1 / 3.0) < 1e-15)
  }

  /// +∞ forbids a pair in every format.
  @Test func forbiddenPairsAreReadFromEveryFormat() throws {
    try "2,3,4\n5,inf,0\n4,Infinity,1\n".write(toFile: "\(folder.path)/C.csv", atomically: true, encoding: .utf8)
    let cost = Matrix(rows: 3, columns: 3, elements: [2, 3, 4, 5, .infinity, 0, 4, .infinity, 1])
    try HDF5.write([("C", NumericArray(cost))], to: "\(folder.path)/C.h5")
    var bytes = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0])
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }"
    bytes += Data((header + String(repeating: " ", count: 117 - header.count) + "\n").utf8)
    for value in cost.elements { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Data($0) } }
    try bytes.write(to: URL(fileURLWithPath: "\(folder.path)/C.npy"))
    for file in ["C=\(folder.path)/C.csv", "C=\(folder.path)/C.npy", "\(folder.path)/C.h5"] {
      let exact = try SolverEntry.named("emd").solve(InputFiles([file]), settings: []).answer
      #expect(exact.isConverged && abs((exact.number("value") ?? 0) - 7 / 3.0) < 1e-15, "\(file)")
      for (solver, settings) in [
        ("sinkhorn", ["epsilon=0.01"]), ("unbalanced", ["epsilon=0.01", "rho1=1e3", "rho2=1e3"]),
      ] {
        let answer = try SolverEntry.named(solver).solve(InputFiles([file]), settings: settings).answer
        #expect(answer.isConverged && abs((answer.number("transport_cost") ?? 0) - 7 / 3.0) < 0.1, "\(file), \(solver)")
      }
    }
    let full = cost.map { $0 == 0 ? .infinity : $0 }
    for wrong in [
      full.map { $0 == 2 ? -.infinity : $0 }, full.map { $0 == 2 ? .nan : $0 }, full.map { _ in .infinity },
    ] {
      #expect(throws: DataError.self) { try solve("emd", [("C", NumericArray(wrong))]) }
      #expect(throws: DataError.self) { try solve("sinkhorn", [("C", NumericArray(wrong))], settings: ["epsilon=1"]) }
    }
  }

  @Test func aShortFormOfASettingIsUnderstood() throws {
    let cost = NumericArray(Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0]))
    let error = #expect(throws: DocumentError.self) { try solve("sinkhorn", [("C", cost)], settings: ["eps=0.1"]) }
    #expect(error?.description.contains("did you mean 'epsilon'") == true, "\(error?.description ?? "")")
  }
}

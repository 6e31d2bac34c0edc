import Datasets
import Documents
import Foundation
import LinearAlgebra
import Manifests
import Pipeline
import TestSupport
import Testing

@testable import Experiments

@Suite struct ImageBarycenterTests {
  private let folder = TemporaryFolder()
  private static let images = ["0,1,2\n3,0,1\n", "1,1,0\n0,2,2\n"]

  /// Runs on texts as files; a nil one is left out.
  private func run(_ files: KeyValuePairs<String, String>, alpha: Double = 1, generator: Value? = nil) throws
    -> RunResult
  {
    var data: [String: Value] = [:]
    var inputs: [String: String] = [:]
    for (role, text) in files {
      let path = "\(folder.path)/\(role).csv"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      data[role] = .object(["file": .string(path)])
      inputs["data.\(role)"] = path
    }
    if let generator { data["generator"] = generator }
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(.object(data), at: place), params: Node(["alpha": .number(alpha)], at: place),
      solver: Node(
        ["epsilon": .number(5e-3), "annealing": ["start": .number(2e-2)], "starts": 1, "iterations": 25], at: place),
      seed: 1)
    return try ImageBarycenterExperiment(body).run(RunContext(inputs: inputs, report: { _ in }))
  }

  private func sentence(_ files: KeyValuePairs<String, String>, alpha: Double = 1) -> String {
    do {
      _ = try run(files, alpha: alpha)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func labelsStayWithTheirImage() throws {
    let files: KeyValuePairs = [
      "image0": Self.images[0], "image1": Self.images[1], "labels0": "0\n1\n0\n1\n", "labels1": "1\n0\n1\n0\n",
    ]
    let result = try run(files, alpha: 0.5)
    let own = try #require(result.arrays.first { $0.name == "image1-label1" }).array.matrix
    #expect(own.elements.map { $0 > 0 } == [true, false, false, false, true, false])
    // What is carried by all labels of an image is the barycenter.
    let barycenter = try #require(result.arrays.first { $0.name == "barycenter" }).array.elements
    for image in 0..<2 {
      let carried = (0..<2).map { label in
        result.arrays.first { $0.name == "carried\(image)-label\(label)" }?.array.elements ?? []
      }
      #expect(absoluteDifference(zip(carried[0], carried[1]).map { $0 + $1 }, barycenter) < 1e-6)
    }
  }

  @Test func badImagesAndLabelsAreSentences() {
    let (first, second) = (Self.images[0], Self.images[1])
    #expect(sentence(["image0": first, "image1": "1,1\n0,2\n"]).contains("2×2 pixels, but the first image has 2×3"))
    #expect(sentence(["image0": first, "image1": "1,-1,0\n0,2,2\n"]).contains("holds -1.0 in row 0, column 1"))
    #expect(sentence(["image0": first, "image1": "0,0,0\n0,0,0\n"]).contains("has no pixel above 0"))
    #expect(
      sentence(["image0": first, "image1": second, "labels1": "1\n0\n1\n"]).contains(
        "has 3 labels, but its image has 4 pixels"))
    for label in ["0.5", "-1", "1e300", "64"] {
      let text = sentence(["image0": first, "image1": second, "labels0": "0\n1\n\(label)\n1\n"])
      #expect(text.contains("at index 2 (from 0), but whole numbers from 0 to 63"), "\(text)")
    }
    // Labels of the second image alone are not taken for the first's.
    #expect(
      sentence(["image0": first, "image1": second, "labels1": "1\n0\n1\n0\n"], alpha: 0.5).contains(
        "the images have no labels"))
  }

  @Test func drawnDigitsDifferByHandAndRepeatBySeed() {
    let (one, same, other) = (
      StrokeDigits(height: 20, digits: [9, 8], seed: 3).image, StrokeDigits(height: 20, digits: [9, 8], seed: 3).image,
      StrokeDigits(height: 20, digits: [9, 8], seed: 4).image
    )
    #expect(one == same)
    #expect(one != other)
    #expect(one.rows == 20 && one.columns == 22)
    // Ink on either half, and room around it.
    for half in [0..<11, 11..<22] { #expect(half.contains { column in (0..<20).contains { one[$0, column] > 0.9 } }) }
    #expect((0..<22).allSatisfy { one[0, $0] == 0 })
  }
}

/// The authors' digits at full size, against the values that their code finds (lower is better; both are local optima).
@Suite struct DigitsRealDataTests {
  @Test(.enabled(if: hasRealData("barycenters of the authors' digits")))
  func barycentersEndNoHigherThanTheAuthors() throws {
    let mirror = try #require(dataMirror)
    let manifest = try Manifest(
      try ManifestSource(name: "digit-barycenters", in: packageFolder + "/experiments"), tier: .paper)
    for (label, known) in [("81-gw", 2.5879e-3), ("98-fgw", 1.19483e-2)] {
      let one = try #require(manifest.cases.first { $0.label == label })
      let body = try CaseBody(
        data: one.data, params: one.params, solver: one.solver, seed: try #require(one.seeds.first))
      let experiment = try ImageBarycenterExperiment(body)
      let inputs = experiment.inputs.map { ($0.role, "\(mirror)/\($0.source ?? "")") }
      let result = try experiment.run(RunContext(inputs: Dictionary(uniqueKeysWithValues: inputs), report: { _ in }))
      let value = try #require(result.metrics["value"]?.number)
      #expect(result.status == .converged && value < 1.001 * known, "\(label): \(value)")
    }
  }
}

import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// `otlab solve` as a user meets it; what each solver computes is tested in its room.
@Suite struct SolveTests {
  private let folder = TemporaryFolder()

  init() throws {
    let x = normalPoints(15, dimensions: 2, seed: 1)
    try HDF5.write(
      [("C", NumericArray(squaredDistances(x, normalPoints(10, dimensions: 2, seed: 2))))], to: folder.path + "/p.h5")
  }

  private func run(_ arguments: String...) throws -> Command.Result {
    try Command.run(["solve"] + arguments, in: folder.path)
  }

  private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

  @Test func solvesAndWrites() throws {
    let result = try run("sinkhorn", "--input", "p.h5", "--set", "epsilon=0.1", "--output", "s.h5", "--json")
    #expect(result.code == 0 && result.errors.isEmpty)
    #expect(result.output.contains("\"status\": \"converged\"") && result.output.contains("\"epsilon\": 0.1"))
    let path = folder.path + "/s.h5"
    let plan = try HDF5.read(path, dataset: "plan").matrix
    #expect(absoluteDifference(plan.rowSums, [Double](repeating: 1.0 / 15, count: 15)) < 1e-8)
    let names = try HDF5.datasets(in: path)
    for name in ["f", "g", "value", "marginal_error", "iterations", "trace/residual", "trace/iteration"] {
      #expect(names.contains(name))
    }
    #expect(try HDF5.text(path, attribute: "otlab").contains("\"solver\":\"sinkhorn\""))
    // The same bytes again, whatever the number of threads: but for the seconds in the trace.
    _ = try run("sinkhorn", "--input", "p.h5", "--set", "epsilon=0.1", "--output", "t.h5", "--threads", "1")
    #expect(try HDF5.read(folder.path + "/t.h5", dataset: "plan").matrix == plan)
  }

  @Test func sayWhenItDidNotConverge() throws {
    let arguments = ["sinkhorn", "--input", "p.h5", "--set", "epsilon=0.001", "--set", "iterations=2"]
    let result = try Command.run(["solve"] + arguments, in: folder.path)
    #expect(result.code == 0 && result.output.contains("status: iteration-limit"))
    #expect(result.errors == "warning: the solver did not converge: iteration-limit\n")
    #expect(try Command.run(["solve"] + arguments + ["--require-converged"], in: folder.path).code == 1)
  }

  @Test func listDocumentsTheSolvers() throws {
    let all = try run("--list")
    #expect(all.code == 0)
    for name in [
      "emd", "sinkhorn", "unbalanced", "gw", "entropic-gw", "fgw", "ugw", "coot", "ucoot", "fot", "barycenter",
    ] {
      #expect(all.output.contains("\n\(name): ") || all.output.hasPrefix("\(name): "))
    }
    #expect(try run("gw", "--list").output.hasPrefix("gw: "))
  }

  @Test func badInputEndsInOneSentence() throws {
    func expect(_ code: Int32, _ fragment: String, _ arguments: String...) throws {
      let result = try Command.run(["solve"] + arguments, in: folder.path)
      #expect(
        result.code == code && result.sentences.count == 1 && result.errors.contains(fragment), "\(result.errors)")
      #expect(files == ["broken.h5", "p.h5"])
    }
    let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/p.h5"))
    folder.write([UInt8](bytes.prefix(bytes.count / 2)), to: "broken.h5")
    try expect(66, "absent.h5: there is no such file", "emd", "--input", "absent.h5", "--output", "s.h5")
    try expect(66, "broken.h5: ", "emd", "--input", "broken.h5", "--output", "s.h5")
    try expect(65, "has no input 'C'", "gw", "--input", "p.h5", "--output", "s.h5")
    try expect(65, "'epsilon' is -1", "sinkhorn", "--input", "p.h5", "--set", "epsilon=-1", "--output", "s.h5")
    try expect(65, "a name ending with .h5 was expected", "emd", "--input", "p.h5", "--output", "s.npy")
    try expect(73, "cannot be written", "emd", "--input", "p.h5", "--output", "no/such/folder/s.h5")
    #expect(try run().code == 64)
    #expect(try run("emd").code == 64)
    #expect(try run("emd", "--input", "p.h5", "--threads", "0").code == 64)
  }

  /// Ctrl-C ends the iteration, not the command: what there is, is written.
  @Test func anInterruptionWritesTheBestSoFar() throws {
    let arrays = [("X", 1), ("Y", 2)].map { ($0.0, NumericArray(normalPoints(200, dimensions: 2, seed: UInt64($0.1)))) }
    try HDF5.write(arrays, to: folder.path + "/clouds.h5")
    let endless = ["epsilon=1e-3", "tolerance=0", "iterations=1000000000", "innerTolerance=0"].flatMap {
      ["--set", $0]
    }
    let started = try Command.start(
      ["solve", "entropic-gw", "--input", "clouds.h5", "--output", "s.h5", "--figure", "s.png", "--json"] + endless,
      in: folder.path)
    // Until it has worked for a second, whatever else the machine does.
    while started.process.isRunning, (processorSeconds(of: started.process.processIdentifier) ?? 9) < 1 {
      usleep(20_000)
    }
    kill(started.process.processIdentifier, SIGINT)
    let result = started.wait()
    #expect(result.code == 130)
    #expect(
      result.output.contains("\"status\": \"interrupted\"") && result.errors.contains("did not converge: interrupted"),
      "\(result)")
    let plan = try HDF5.read(folder.path + "/s.h5", dataset: "plan").matrix
    #expect(absoluteDifference(plan.rowSums, [Double](repeating: 1.0 / 200, count: 200)) < 0.01)
    #expect(try PixelImage(pngFile: folder.path + "/s.png").width > 300)
  }

  /// Of the process and its threads; nil when it has ended.
  private func processorSeconds(of process: Int32) -> Double? {
    let fields = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.split(separator: ")").last?
      .split(separator: " ")
    guard let fields, fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return nil
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// A picture of each form of answer: plan, barycenter, embedding.
  @Test func draws() throws {
    try HDF5.write(
      [
        ("X", NumericArray(normalPoints(12, dimensions: 3, seed: 1))),
        ("Y", NumericArray(normalPoints(12, dimensions: 3, seed: 2))),
        ("A", NumericArray(Matrix(rows: 2, columns: 30) { 1 + Double(($1 + 7 * $0) % 30) })),
      ], to: folder.path + "/q.h5")
    let answers = [
      ["emd"], ["barycenter", "--set", "epsilon=0.01"],
      ["joint-embedding"] + ["target=grid", "rows=5", "columns=5", "epsilon=0.02"].flatMap { ["--set", $0] },
    ]
    for arguments in answers {
      let result = try Command.run(
        ["solve"] + arguments + ["--input", "q.h5", "--other-inputs", "--figure", "q.png"], in: folder.path)
      #expect(result.code == 0, "\(arguments): \(result.errors)")
      let picture = try PixelImage(pngFile: folder.path + "/q.png")
      #expect(Set(picture.samples).count > 10, "\(arguments): the picture is empty")
      unlink(folder.path + "/q.png")
    }
    for (name, sentence) in [
      ("p.h5", "--figure p.h5"), ("no/such/s.png", "cannot be written"), ("s.gif", "--figure s.gif"),
    ] {
      let result = try run("emd", "--input", "p.h5", "--figure", name)
      #expect(result.code != 0 && result.sentences.count == 1 && result.errors.contains(sentence), "\(result.errors)")
    }
  }
}

import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Runs

/// Carries out a job in its own process and writes the files of the run into the directory that the job names.
public struct RunExecution {
  private let job: Value
  private let directory: String
  private let log: RunLog

  public init(jobFile: String) throws {
    job = try Value(jsonFile: jobFile)
    guard let directory = job["directory"]?.string, let title = job["title"]?.string else {
      throw DocumentError(place: .file(jobFile), problem: "is not a job that otlab wrote")
    }
    self.directory = directory
    log = try RunLog(path: "\(directory)/log.txt", prefix: title)
  }

  public func run() throws {
    do {
      try carryOut()
    } catch {
      log.note("failed: \(error)")
      throw error
    }
  }

  private func carryOut() throws {
    let started = Date()
    Threads.use(job["threads"]?.integer ?? 1)
    let experiment = try Self.experiment(of: job)
    log.note("seed \(job["document"]?["seed"]?.text ?? "?"), \(Threads.count) threads, \(Threads.blasDescription)")
    let result = try experiment.run(RunContext(inputs: paths, report: { [log] in log.report($0) }))
    let computed = Date()
    try write(result.trace)
    try HDF5.write(result.arrays, to: "\(directory)/arrays.h5")
    try RunFigures(directory: directory).draw(experiment)
    log.note("ended: \(result.status)")

    var metrics = result.metrics
    metrics["status"] = .string(result.status.name)
    metrics["converged"] = .bool(result.status.isConverged)
    try write(.object(metrics), to: "metrics.json")
    guard var record = job.object else { return }
    record["directory"] = nil
    record["threads"] = nil
    record["outcome"] = .string(result.status.name)
    record["outcomeText"] = .string(result.status.description)
    record["environment"] = [
      "threads": .integer(Threads.count), "blas": .string(Threads.blasDescription), "simd": .string(Threads.simdPath),
      "configuration": .string(Provenance.configuration), "peakMemoryBytes": .integer(Provenance.peakMemory),
      "processorSeconds": .number(Provenance.processorSeconds),
      "started": .string(started.formatted(.iso8601)), "secondsComputing": .number(computed.timeIntervalSince(started)),
      "secondsElapsed": .number(Date().timeIntervalSince(started)),
    ]
    try write(.object(record), to: "run.json")
  }

  /// The experiment that a job or a run record describes.
  static func experiment(of record: Value) throws -> any Experiment {
    let place = Place.file("run.json")
    guard let document = record["document"], let kind = document["kind"]?.string else {
      throw DocumentError(place: place, problem: "holds no resolved document")
    }
    let part = { Node(document[$0] ?? [:], at: place) }
    let body = try CaseBody(data: part("data"), params: part("params"), solver: part("solver"), seed: document["seed"]?.integer ?? 0)
    return try Registry.experiment(try Registry.kind(kind, at: place), body)
  }

  private var paths: [String: String] {
    let inputs = (job["inputs"]?.array ?? []).compactMap { input in
      input["role"]?.string.flatMap { role in input["path"]?.string.map { (role, $0) } }
    }
    return Dictionary(inputs) { $1 }
  }

  private func write(_ trace: Trace) throws {
    var text = "iteration,objective,residual,seconds\n"
    for point in trace.points {
      text += "\(point.iteration),\(point.objective.map { "\($0)" } ?? ""),\(point.residual),\(point.secondsElapsed)\n"
    }
    try write(text, to: "trace.csv")
  }

  private func write(_ value: Value, to name: String) throws { try write(value.json(indented: true) + "\n", to: name) }

  private func write(_ text: String, to name: String) throws {
    guard FileManager.default.createFile(atPath: "\(directory)/\(name)", contents: Data(text.utf8)) else {
      throw StoreError.unwritable(path: "\(directory)/\(name)", reason: "no permission, or the disk is full")
    }
  }
}

/// The figures of a run directory.
public struct RunFigures {
  private let directory: String

  public init(directory: String) { self.directory = directory }

  /// Draws the figures anew into a folder, from the run's record and arrays.
  ///
  /// - Returns: the paths of the pictures.
  public func redraw(into folder: String, format: FigureFormat) throws -> [String] {
    let experiment = try RunExecution.experiment(of: try Value(jsonFile: "\(directory)/run.json"))
    return try draw(experiment, into: folder, format: format)
  }

  @discardableResult
  func draw(_ experiment: any Experiment, into folder: String? = nil, format: FigureFormat = .png) throws -> [String] {
    let renderer = FigureRenderer(folder: folder ?? "\(directory)/figures")
    return try experiment.figures(StoredArrays(path: "\(directory)/arrays.h5")).map { try renderer.render($0, format: format) }
  }
}

/// log.txt of a run, whose progress lines also go to standard error.
private final class RunLog: @unchecked Sendable {
  private let file: FileHandle
  private let prefix: String
  private let start = Date()
  private let lock = NSLock()

  init(path: String, prefix: String) throws(StoreError) {
    self.prefix = prefix
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
      throw .unwritable(path: path, reason: "no permission, or the disk is full")
    }
    self.file = file
  }

  /// To the log only.
  func note(_ text: String) {
    let seconds = fixedSeconds(Date().timeIntervalSince(start))
    lock.withLock { try? file.write(contentsOf: Data("\(seconds) s  \(text)\n".utf8)) }
  }

  /// To the log and to the user.
  func report(_ text: String) {
    note(text)
    FileHandle.standardError.write(Data("  \(prefix): \(text)\n".utf8))
  }

  private func fixedSeconds(_ seconds: Double) -> String {
    let tenths = Int((seconds * 100).rounded())
    return "\(tenths / 100)." + (tenths % 100 < 10 ? "0" : "") + "\(tenths % 100)"
  }
}

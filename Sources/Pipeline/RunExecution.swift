import Datasets
import Documents
import Figures
import Files
import Foundation
import LinearAlgebra
import OptimalTransport
import Processes
import Runs

/// Carries out a job in its own process and writes the files of the run into the directory that the job names.
public struct RunExecution {
  private let registry: Registry
  private let job: RunJob
  private let log: RunLog

  /// - Parameters:
  ///   - jobFile: what the schedule wrote for this process.
  ///   - registry: the kinds that the run may be of.
  /// - Throws: `DocumentError` when it is no job, `StoreError` when there can be no log.
  public init(jobFile: String, registry: Registry) throws {
    self.registry = registry
    job = try RunJob(file: jobFile)
    log = try RunLog(path: "\(job.directory)/log.txt")
  }

  private var directory: String { job.directory }

  public func run() throws { try Threads.limited(to: job.threads, carryOut) }

  private func carryOut() throws {
    let started = Date()
    let clock = Stopwatch()
    try AddressSpace.require(threads: Threads.count)
    let experiment = try ReadCase(job.record.recipe, among: registry, at: .file("job.json")).experiment
    log.report("seed \(job.record.identity.seed), \(Threads.count) threads, \(Processor.blasDescription)")
    let relabeling = Relabeling(seed: ProcessInfo.processInfo.environment[Relabeling.variable].flatMap { UInt64($0) })
    let context = RunContext(inputs: paths, relabeling: relabeling, report: { [log] in log.report($0) })
    let result = try InputWatch(job.record.inputs, digests: FileDigests(path: job.digestFile)).during { try experiment.run(context) }
    let secondsComputing = clock.seconds
    try write(result.trace)
    try HDF5.write(result.arrays, texts: [RunFigures.attribute(job.record.recipe)], to: "\(directory)/arrays.h5")
    let undrawn = try draw(experiment)
    log.report("ended: \(result.status)")

    var metrics = result.metrics
    metrics["status"] = .string(result.status.name)
    metrics["converged"] = .bool(result.status.isConverged)
    metrics["seconds"] = metrics["seconds"] ?? .number(secondsComputing)
    try write(.object(metrics), to: "metrics.json")
    var environment = environment
    environment.started = started.formatted(.iso8601)
    environment.secondsComputing = secondsComputing
    environment.secondsElapsed = clock.seconds
    environment.relabeling = relabeling.seed.map { "\($0)" }
    let ending = RunRecord.Ending(
      outcome: result.status.name, text: result.status.description, undrawn: undrawn, environment: environment)
    try write(job.record.ended(ending).value, to: "run.json")
  }

  /// What this process has had and taken until now, but for its times.
  private var environment: RunRecord.Environment {
    var environment = RunRecord.Environment()
    environment.threads = Threads.count
    environment.blas = Processor.blasDescription
    environment.simd = Processor.simdPath
    environment.configuration = Provenance.configuration
    environment.peakMemory = Provenance.peakMemory
    environment.processorSeconds = Provenance.processorSeconds
    return environment
  }

  /// Draws the run's pictures. That they cannot be drawn does not take the numbers away.
  ///
  /// - Returns: why there are none; nil when they are drawn.
  private func draw(_ experiment: any Experiment) throws -> String? {
    do {
      try RunFigures(arrays: "\(directory)/arrays.h5", of: experiment).draw(into: "\(directory)/figures", format: .png)
      return nil
    } catch let error as FigureError where !error.isUnwritable {
      try? FileManager.default.removeItem(atPath: "\(directory)/figures")
      let sentence = error.description.replacing("\(directory)/", with: "")
      log.report("not drawn: \(sentence)")
      return sentence
    }
  }

  private var paths: [String: String] {
    Dictionary(job.record.inputs.map { ($0.role, $0.path) }) { $1 }
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
    try Disk.write(text, to: "\(directory)/\(name)")
  }
}

/// log.txt of a run, to which the parent process has also directed whatever is written to standard error.
private final class RunLog: Sendable {
  private let file: FileHandle
  private let clock = Stopwatch()

  init(path: String) throws(StoreError) {
    let descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// One line, whole, whoever else writes.
  func report(_ text: String) {
    let seconds = String(format: "%.2f", clock.seconds)
    try? file.write(contentsOf: Data("\(seconds) s  \(text)\n".utf8))
  }
}

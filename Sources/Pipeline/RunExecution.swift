import Datasets
import Documents
import Figures
import Files
import Foundation
import LinearAlgebra
import OptimalTransport
import Processes
import Runs

/// Carries out a run in its own process and writes its files into the folder that the job names.
public struct RunExecution {
  private let registry: Registry
  private let job: RunJob
  private let log: RunLog

  /// Reads the job.
  ///
  /// - Parameters:
  ///   - jobFile: the file that the schedule wrote for this process.
  ///   - registry: the known kinds.
  /// - Throws: `DocumentError` if the file is not a job, `StoreError` if the log cannot be opened.
  public init(jobFile: String, registry: Registry) throws {
    self.registry = registry
    job = try RunJob(file: jobFile)
    log = try RunLog(path: "\(job.directory)/log.txt")
  }

  private var directory: String { job.directory }

  /// Carries out the run with the number of threads that the job allows.
  public func run() throws { try Threads.limited(to: job.threads, carryOut) }

  private func carryOut() throws {
    let started = Date()
    let clock = Stopwatch()
    try AddressSpace.require(threads: Threads.count)
    let experiment = try ReadCase(job.record.recipe, among: registry, at: .file("job.json")).experiment
    log.report("seed \(job.record.identity.seed), \(Threads.count) threads, \(Processor.blasDescription)")
    let relabeling = Relabeling(seed: ProcessInfo.processInfo.environment[Relabeling.variable].flatMap { UInt64($0) })
    let context = RunContext(inputs: paths, relabeling: relabeling, report: { [log] in log.report($0) })
    let result = try InputWatch(job.record.inputs, digests: FileDigests(path: job.digestFile)).during {
      try experiment.run(context)
    }
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

  /// The state of this process: libraries, memory, and limits, without times.
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

  /// Draws the figures of the run.
  ///
  /// The numbers are kept even if the figures cannot be drawn.
  ///
  /// - Parameter experiment: the experiment.
  /// - Returns: The reason why there are no figures; nil if they were drawn.
  /// - Throws: An error other than one of drawing.
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

/// The log of a run, to which the parent process also directs standard error.
private final class RunLog: Sendable {
  private let file: FileHandle
  private let clock = Stopwatch()

  init(path: String) throws(StoreError) {
    let descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Writes one line at once, whatever else writes to the file.
  func report(_ text: String) {
    let seconds = String(format: "%.2f", clock.seconds)
    try? file.write(contentsOf: Data("\(seconds) s  \(text)\n".utf8))
  }
}

import ArgumentParser
import Figures
import Foundation
import LinearAlgebra
import Runs

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes this installation: libraries, BLAS kernel, threads, plotting, and disk space.",
    discussion: "Example: otlab doctor"
  )

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    print(
      "otlab      \(Otlab.configuration.version) (Swift \(Provenance.swiftVersion), \(Provenance.configuration) build)")
    print("BLAS       \(Processor.blasDescription)")
    print("SIMD       \(Processor.simdPath)")
    print("processors \(ProcessInfo.processInfo.activeProcessorCount)")
    print("memory     \(ProcessInfo.processInfo.physicalMemory >> 20) MiB")
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: "."))?[.systemFreeSize] as? Int
    print("disk       \(free.map { "\($0 >> 20) MiB free here" } ?? "unknown")")
    print("mirror     \(workspace.planner().mirror ?? "none (OTLAB_DATA_MIRROR is not set)")")
    var isSound = true
    for tool in ["gnuplot", "curl", "git"] {
      let path = Self.path(of: tool)
      isSound = isSound && path != nil
      print(
        """
        \(tool.padding(toLength: 10, withPad: " ", startingAt: 0)) \
        \(path ?? "missing; install it with: apt-get install \(tool == "gnuplot" ? "gnuplot-nox" : tool)")
        """
      )
    }
    do {
      try Self.drawSample()
      print("figures    a sample was drawn")
    } catch {
      isSound = false
      print("figures    \(error)")
    }
    if !isSound { throw ExitCode(Exit.failed) }
  }

  private static func path(of tool: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(tool)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func drawSample() throws {
    let folder = NSTemporaryDirectory() + "otlab-doctor-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let curve = LinePanel.Curve(name: "sample", x: [0, 1, 2], y: [0, 1, 4])
    let panel = LinePanel(title: "sample", xLabel: "x", yLabel: "y", curves: [curve])
    try FigureRenderer(folder: folder).render(Figure(name: "sample", title: "sample", panels: [.lines(panel)]))
  }
}

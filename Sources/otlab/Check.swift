import ArgumentParser
import Datasets
import Documents
import Files
import Foundation
import Manifests
import Pipeline
import Runs

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks manifests in all tiers, and the digests of local data, without running anything.",
    discussion: "Example: otlab check foscttm-alignment")

  @Argument(help: "The experiments; all by default.", completion: .experiments) var names: [String] = []
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let planner = workspace.planner(digests: FileDigests())
    let (isValid, code) = try workspace.each(names.isEmpty ? workspace.names() : names) { name in
      let source = try workspace.source(name)
      var violations: [DocumentError] = []
      for tier in Tier.allCases {
        let manifest = try Manifest(source, tier: tier)
        let broken = try planner.violations(of: manifest)
        violations += broken.filter { !violations.contains($0) }
        if broken.isEmpty { try check(manifest, planner) }
      }
      for violation in violations { printError("error: \(violation)") }
      if violations.isEmpty { print("\(name): valid") }
      return violations.isEmpty
    }
    let worst = isValid.contains(false) ? max(code, Exit.invalid) : code
    if worst != 0 { throw ExitCode(worst) }
  }

  private func check(_ manifest: Manifest, _ planner: RunPlanner) throws {
    let inputs = try planner.plan(manifest, fetching: false).flatMap { $0.requests.first?.inputs ?? [] }
    let digests = FileDigests()
    for input in inputs where FileManager.default.fileExists(atPath: input.path) {
      guard digests.digest(of: input.path) == input.sha256 else {
        throw DataError(path: input.path, problem: "its SHA-256 is not the catalogued \(input.sha256)")
      }
    }
  }
}

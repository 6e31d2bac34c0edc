import Documents
import Support

/// The documentation of a solver for the terminal and for DocC pages, generated from its description.
public struct SolverDocumentation {
  private let solver: any SolverDescription.Type
  private let settings: [(key: String, fallback: String?, isOptional: Bool, about: String, expected: String)]

  /// Creates the documentation of a solver.
  public init(of solver: any SolverDescription.Type) {
    self.solver = solver
    settings = SolverCatalogue.settings(of: solver).filter { $0.kind != .mapping }.map {
      ($0.path.dropFirst().joined(separator: "."), $0.fallback?.text, $0.isOptional, $0.about, $0.expected)
    }
  }

  /// The text that `otlab solve --list` prints for the solver.
  public var text: String {
    var lines = ["\(solver.name): \(solver.summary)", "  inputs"]
    lines += solver.inputs.map { "    \("\($0.name) \($0.shape)".padded(to: 26)) \($0.about)" }
    lines.append("  settings (--set key=value)")
    lines += settings.map { setting in
      let fallback = setting.fallback.map { "=\($0)" } ?? (setting.isOptional ? "" : " (required)")
      return "    \((setting.key + fallback).padded(to: 26)) \(setting.about); \(setting.expected)"
    }
    lines.append("  numbers in the answer")
    lines += solver.outputs.map { "    \($0.key.padded(to: 26)) \($0.value)" }
    return lines.joined(separator: "\n")
  }

  /// The DocC extension pages that add inputs, settings, and answers of all solvers to the pages of their algorithms.
  ///
  /// Each element holds the module, the type, and the text of the page.
  public static var pages: [(module: String, type: String, text: String)] {
    let names = SolverCatalogue.solvers.map { String(reflecting: $0.algorithm) }
    return Set(names).sorted().map { name in
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      let sections = zip(names, SolverCatalogue.solvers).filter { $0.0 == name }.map {
        SolverDocumentation(of: $0.1).section
      }
      return (parts[0], parts[1], (["# ``\(parts[0])/\(parts[1])``"] + sections).joined(separator: "\n\n") + "\n")
    }
  }

  /// The section of this solver on the page of its algorithm.
  private var section: String {
    let inputs = solver.inputs.map { ["`\($0.name)`", $0.shape, $0.about] }
    let settings = settings.map {
      [
        "`\($0.key)`", $0.fallback.map { "`\($0)`" } ?? ($0.isOptional ? "" : "required"),
        "\($0.about); \($0.expected)",
      ]
    }
    let outputs = solver.outputs.map { ["`\($0.key)`", $0.value] }
    return [
      "## On the command line and in manifests: \(solver.name)",
      "\(solver.summary.prefix(1).uppercased() + solver.summary.dropFirst()).",
      Self.table(["input", "shape", "what it is"], inputs),
      Self.table(["setting", "default", "what it means"], settings),
      Self.table(["number in the answer", "what it is"], outputs),
    ].joined(separator: "\n\n")
  }

  private static func table(_ heads: [String], _ rows: [[String]]) -> String {
    ([heads, heads.map { _ in "---" }] + rows).map { row in
      "| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}

import Documents
import Foundation
import TestSupport
import Testing

/// Texts of a manifest are texts: to gnuplot, to shells, to disks, to other programs that read what is written, and to
/// terminals.
@Suite struct TextTests {
  private func workspace(_ lines: String) -> Workspace {
    Workspace(sweepOver: "[10]") { manifest in
      manifest.split(separator: "\n").filter {
        !$0.hasPrefix("sweep") && !$0.hasPrefix("tables") && !$0.hasPrefix("figures")
      }
      .joined(separator: "\n") + "\ndata: {samples: 10}\n" + lines
    }
  }

  private func files(_ workspace: Workspace) -> [String] {
    (FileManager.default.enumerator(atPath: workspace.path)?.compactMap { $0 as? String } ?? []).sorted()
  }

  @Test("backquote-in-title-runs-a-command") func backquoteInTitleRunsACommand() throws {
    let workspace = workspace(
      """
      cases: {"`touch pwned`": {seed: 1}, "$(touch pwned)": {seed: 2}}
      figures:
        - {name: f, title: "The effect of `epsilon`; `touch pwned`", x: value, points: error, curves: case, xLabel: \
        "`touch pwned`", curvesLabel: "@x"}
      """)
    let result = try workspace.run("run", "sweep")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try workspace.run("figure", "sweep", "--format", "svg").code == 0)
    #expect(!files(workspace).contains { $0.hasSuffix("pwned") })
    let picture = try String(contentsOfFile: workspace.path + "/results/sweep/figures/smoke/f.svg", encoding: .utf8)
    #expect(picture.contains("The effect of `epsilon`; `touch pwned`"))
  }

  @Test("labels-share-a-folder") func labelsShareAFolder() throws {
    let labels = ["e<1", "e>1", "a/b", "a-b", "..", ".", "smoke", "a b", "~", String(repeating: "long ", count: 80)]
    let workspace = workspace("cases:\n" + labels.enumerated().map { "  \"\($1)\": {seed: \($0)}\n" }.joined())
    #expect(try workspace.run("run", "sweep").code == 0)
    let drawn = try workspace.run("figure", "sweep")
    #expect(drawn.code == 0, "\(drawn.errors)")
    let paths = drawn.output.split(separator: "\n").map(String.init)
    #expect(paths.count == labels.count && Set(paths).count == labels.count)
    for path in paths {
      let parts = path.split(separator: "/")
      #expect(
        parts.count == 5 && parts[..<3] == ["results", "sweep", "figures"] && !["..", ".", "smoke"].contains(parts[3]),
        "\(path)")
      #expect(workspace.folder.exists(path))
    }
    let report = try workspace.run("report", "sweep")
    #expect(report.code == 0, "\(report.errors)")
    #expect(files(workspace).count { $0.hasPrefix("results/report/sweep/figures/rows/") } == labels.count)
    #expect(!files(workspace).contains { $0.contains(".drawing") })
  }

  @Test("crlf-in-label") func crlfInLabel() throws {
    let workspace = workspace(
      """
      cases: {"a\\r\\nb": {seed: 1}, c: {seed: 2}}
      figures: [{name: f, title: "t\\r\\nu", x: value, points: error, curves: case}]
      tables: [{name: r, title: "T\\r\\nU", columns: [{row: case}, {metric: status}]}]

      """)
    let result = try workspace.run("run", "sweep")
    #expect(result.code == 0, "\(result.errors)")
    let csv = try workspace.run("table", "sweep", "--format", "csv").output
    #expect(csv == "case,status,converged\n\"a\nb\",converged,true\nc,converged,true\n")
    #expect(try workspace.run("table", "sweep", "--format", "markdown").output.contains("| a b | converged |\n"))
    #expect(try workspace.run("table", "sweep", "--format", "latex").output.hasPrefix("% T U (smoke tier); needs"))
  }

  @Test func controlCharactersAreRefusedAtTheirPlace() throws {
    let workspace = workspace("cases:\n  \"a\\eb\": {seed: 1}\n")
    let result = try workspace.run("run", "sweep")
    #expect(result.code == 65 && result.sentences.count == 1)
    #expect(
      result.errors.contains("manifest.yaml:") && result.errors.contains("holds the control character U+001B"),
      "\(result.errors)")
    // What a user types is shown, and commands no terminal.
    let asked = try workspace.run("run", "sweep\u{1B}[31m")
    #expect(
      asked.code == 65 && !asked.errors.contains("\u{1B}") && asked.errors.contains("sweep␛[31m"), "\(asked.errors)")
  }

  @Test func textsArePlainInTablesForOtherPrograms() throws {
    let workspace = workspace(
      """
      cases: {"=1+1": {seed: 1}, "<script>x</script>|`y`": {seed: 2}}
      tables: [{name: r, title: "<b>", columns: [{row: case}, {metric: status}]}]

      """)
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try workspace.run("table", "sweep", "--format", "csv").output.contains("\n'=1+1,converged"))
    #expect(
      try workspace.run("table", "sweep", "--format", "markdown").output.contains(
        "| \\<script>x\\</script>\\|\\`y\\` |"))
    #expect(try workspace.run("report", "sweep").code == 0)
    let page = try String(contentsOfFile: workspace.path + "/results/report/sweep/index.html", encoding: .utf8)
    #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
  }

  @Test("latex-row-begins-with-bracket") func latexRowBeginsWithBracket() throws {
    let workspace = workspace(
      """
      cases: {"[1, 2]": {seed: 1}, "*": {seed: 2}, "Ω é": {seed: 3}}
      tables: [{name: r, title: "two\\nlines", columns: [{row: case, title: "[k]"}, {metric: status}]}]

      """)
    #expect(try workspace.run("run", "sweep").code == 0)
    let latex = try workspace.run("table", "sweep", "--format", "latex").output
    #expect(
      latex == """
        % two lines (smoke tier); needs \\usepackage{booktabs}
        \\begin{tabular}{lr}
        \\toprule
        {}[k] & status \\\\
        \\midrule
        {}[1, 2] & converged \\\\
        {}* & converged \\\\
        $\\Omega$ \\'{e} & converged \\\\
        \\bottomrule
        \\end{tabular}

        """, "\(latex)")
  }

  @Test func whatLaTeXCannotSayIsAnError() throws {
    let workspace = workspace(
      "cases: {\"量\": {seed: 1}}\ntables: [{name: r, title: T, columns: [{row: case}, {metric: status}]}]\n")
    #expect(try workspace.run("run", "sweep").code == 0)
    let latex = try workspace.run("table", "sweep", "--format", "latex")
    #expect(latex.code == 65 && latex.output.isEmpty && latex.sentences.count == 1)
    #expect(latex.errors.contains("the table 'r' cannot be written as LaTeX: '量' (U+91CF)"), "\(latex.errors)")
    // The files of one table agree, so none is written; a form that can say it may be asked for.
    let written = try workspace.run("table", "sweep", "-o", "tables")
    #expect(written.code == 65 && written.sentences.count == 1 && !workspace.folder.exists("tables/sweep"))
    #expect(try workspace.run("table", "sweep", "-o", "tables", "--format", "markdown").code == 0)
    #expect(workspace.folder.exists("tables/sweep/r.smoke.md"))
  }

  @Test("nfd-folder-name") func nfdFolderName() throws {
    let workspace = Workspace(sweepOver: "[10]") { $0.replacing("name: sweep", with: "name: caf\u{E9}") }
    let experiments = workspace.path + "/experiments/"
    try #require(rename(experiments + "sweep", experiments + "cafe\u{301}") == 0)
    #expect(try workspace.run("plan", "caf\u{E9}").code == 0)
    for arguments in [["run"], ["table"], ["figure"], ["compare"], ["report"]] {
      for name in ["caf\u{E9}", "cafe\u{301}"] {
        let result = try Command.run(arguments + [name], in: workspace.path)
        #expect(result.code == (arguments == ["compare"] ? 3 : 0), "\(arguments) \(result.errors)")
      }
    }
    #expect(try workspace.run("status").output.contains(#/ 1 +1 +0 +0 +0 +0 +0 +0\n/#))
  }

  @Test("make-sweep-splits-at-spaces") func makeSweepSplitsAtSpaces() throws {
    let settings = "SWEEP='solver.epsilon=log(1e-4, 1e-1, 4) seed=1,2' SET='data={samples: 50, mean: 2}'"
    let result = try Command.shell("make -n experiment NAME=x \(settings)")
    let line = result.output.split(separator: "\n").first { $0.contains("otlab run 'x'") }
    #expect(
      line?.hasSuffix(
        "--set 'data={samples: 50, mean: 2}' --sweep 'solver.epsilon=log(1e-4, 1e-1, 4)' --sweep 'seed=1,2'") == true,
      "\(result.output)")
  }

  /// What make hands to a shell is words, whatever they hold.
  @Test func makeCarriesOutNoText() throws {
    let quoted = "x; touch '\\''pwned'\\''; `touch pwned`"
    for arguments in ["experiment NAME", "experiment NAME=x TIER", "regress JOBS", "tables MEMORY", "regress TIER"] {
      let result = try Command.shell("make -n \(arguments)='\(quoted)'")
      #expect(result.code == 0 && result.output.contains(" '\(quoted)' "), "\(result.output)")
      #expect(!result.output.replacing("'\(quoted)'", with: "").contains("pwned"), "\(result.output)")
    }
  }

  /// A shell expands what it is given to complete.
  @Test func namesThatAShellWouldReadAreNotCompleted() throws {
    let folder = TemporaryFolder()
    for name in ["plain-1.x", "$(touch pwned)", "`touch pwned`", "${HOME}", "a\"b", "a b", "été"] {
      folder.write("", to: "experiments/\(name)/manifest.yaml")
    }
    let script =
      """
      source <(\"$OTLAB\" --generate-completion-script bash); COMP_WORDS=(otlab run ''); COMP_CWORD=2; \
      COMP_LINE='otlab run '; 
      """
      + "COMP_POINT=10; otlab() { \"$OTLAB\" \"$@\"; }; _otlab otlab '' run; printf '%s\\n' \"${COMPREPLY[@]}\""
    let result = try Command.shell("cd '\(folder.path)' && bash -c '\(script.replacing("'", with: "'\\''"))'")
    #expect(!folder.exists("pwned") && !result.output.contains("HOME"), "\(result.output) \(result.errors)")
    #expect(result.output.contains("plain-1.x"), "\(result.output) \(result.errors)")
  }
}

import Documents
import Files
import Foundation
import TestSupport
import Testing

/// What lies around an experiment, and how a user has set up other programs, changes nothing of what is recorded or
/// shown.
@Suite struct SurroundingsTests {
  private func shell(_ line: String, in workspace: Workspace) throws -> Command.Result {
    try Command.shell("cd '\(workspace.path)' && \(line)")
  }

  private func provenance(_ workspace: Workspace) throws -> Value {
    try #require(try Value(jsonFile: workspace.runs(of: "sweep")[0] + "/run.json")["provenance"])
  }

  @Test("ext-diff-hides-dirt") func extDiffHidesDirt() throws {
    let workspace = Workspace(sweepOver: "[10]")
    let commit = "git add experiments data && git -c user.email=a -c user.name=b commit -qm x"
    #expect(
      try shell(
        """
        git init -q . && \(commit) && git init -q other && cd other && git -c user.email=a -c user.name=b commit -q \
        --allow-empty -m y
        """,
        in: workspace
      ).code == 0)
    let head = try shell("git rev-parse HEAD", in: workspace).output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try provenance(workspace)["gitPatchSHA256"] == .null)
    #expect(try provenance(workspace)["gitCommit"]?.string == head)

    #expect(try shell("echo '# dirty' >> experiments/sweep/manifest.yaml", in: workspace).code == 0)
    var digests: [String] = []
    let settings = [
      "true", "git config diff.external false", "git config color.ui always", "git config diff.noprefix true",
      "git config status.showUntrackedFiles no", "git config core.fsmonitor 'touch pwned; false'",
      "export GIT_DIR=other/.git GIT_WORK_TREE=other GIT_INDEX_FILE=other/.git/index",
      "export GIT_EXTERNAL_DIFF=false GIT_PAGER=false",
    ]
    for setting in settings {
      let result = try shell("\(setting); exec \"$OTLAB\" run sweep --force", in: workspace)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try provenance(workspace)["gitCommit"]?.string == head, "\(setting)")
      digests.append(try #require(try provenance(workspace)["gitPatchSHA256"]?.string, "\(setting)"))
    }
    #expect(Set(digests).count == 1 && digests[0].count == 64, "\(digests)")
    #expect(!workspace.folder.exists("pwned"))

    // A manifest that git does not know is a change as well; what runs have left is none.
    #expect(try shell("git checkout -q experiments && \"$OTLAB\" run sweep --force", in: workspace).code == 0)
    #expect(try provenance(workspace)["gitPatchSHA256"] == .null)
    #expect(
      try shell("cp -r experiments/sweep experiments/new && \"$OTLAB\" run sweep --force", in: workspace).code == 0)
    #expect(try provenance(workspace)["gitPatchSHA256"]?.string?.count == 64)
  }

  @Test func aRepositoryOfAnothersIsSaidToBeOne() throws {
    let workspace = Workspace(sweepOver: "[10]")
    #expect(
      try shell(
        "git init -q . && git add experiments && git -c user.email=a -c user.name=b commit -qm x", in: workspace
      ).code == 0)
    // A git that says so of every folder, since only the administrator can give folders away.
    workspace.folder.write(
      "#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128\n", to: "bin/git")
    chmod(workspace.path + "/bin/git", 0o755)
    let result = try shell("PATH=\"$PWD/bin:$PATH\" \"$OTLAB\" run sweep", in: workspace)
    #expect(result.code == 0)
    #expect(
      result.errors.contains(
        "note: experiments: the commit is not recorded, since git says: detected dubious ownership"),
      "\(result.errors)")
    #expect(try provenance(workspace)["gitCommit"] == .null)
  }

  @Test func gnuplotIsNotAsItsUserHasIt() throws {
    let workspace = Workspace(sweepOver: "[10, 20]")
    #expect(try workspace.run("run", "sweep").code == 0)
    let before = FileManager.default.contents(atPath: workspace.path + "/results/sweep/figures/smoke/f.png")
    workspace.folder.write("set lmargin 30\nset terminal wxt\nthis is no command\n", to: "home/.gnuplot")
    let result = try shell("HOME=$PWD/home GNUTERM=wxt GNUPLOT_LIB=/nonexistent \"$OTLAB\" figure sweep", in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    #expect(FileManager.default.contents(atPath: workspace.path + "/results/sweep/figures/smoke/f.png") == before)
  }

  @Test("tables-need-the-data") func tablesNeedTheData() throws {
    let workspace = try Workspace { $0 + "figures: [{name: f, title: F, x: foscttm, points: foscttm, curves: case}]\n" }
    #expect(try workspace.run("run", "cells").code == 0)
    #expect(try workspace.run("accept", "cells", "--yes").code == 0)
    func shown() throws -> [String] {
      try [["table"], ["figure"], ["compare"], ["status"]].map {
        try Command.run($0 + ["cells"], in: workspace.path).output
      }
    }
    let before = try shown()
    for name in ["cells.h5", "labels.txt"] {
      try #require(rename("\(workspace.path)/\(name)", "\(workspace.path)/\(name).away") == 0)
    }
    for verb in ["table", "figure", "compare", "report", "status"] {
      let result = try workspace.run(verb, "cells")
      #expect(result.code == 0, "\(verb) \(result.errors)")
      #expect(result.errors.contains("note: cells.h5, labels.txt: missing"), "\(verb) \(result.errors)")
    }
    #expect(try shown() == before)
    #expect(try workspace.run("status").output.contains(#/cells +1 +1 /#))
    // What makes runs, or says what would, needs them.
    for verb in ["run", "plan"] { #expect(try workspace.run(verb, "cells").code == 66) }
    #expect(try workspace.run("clean", "cells", "--unasked", "--yes").code == 66)
    #expect(workspace.runs.count == 1)
    // Back at their place all is as before.
    for name in ["cells.h5", "labels.txt"] {
      try #require(rename("\(workspace.path)/\(name).away", "\(workspace.path)/\(name)") == 0)
    }
    #expect(try workspace.run("run", "cells").errors.contains("1 already finished"))
  }

  @Test func dataThatNoRunHasReadAreOnlyMissing() throws {
    let workspace = try Workspace {
      $0.replacing("first: {file: cells.h5, dataset: x}", with: "first: {file: never.h5}")
    }
    let status = try workspace.run("status", "cells")
    #expect(status.code == 0 && status.output.contains("to run"), "\(status.errors)")
    #expect(try workspace.run("run", "cells").code == 66)
  }
}

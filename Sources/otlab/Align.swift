import ArgumentParser
import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import Processes
import SolverCatalogue
import UserProblems

struct Align: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Aligns two modalities without knowing any pair of cells, and reports how sure the alignment is.",
    discussion: """
      X and Y are matrices of cells × features in HDF5, AnnData (FILE.h5ad is its X, FILE.h5ad:obsm/X_pca another \
      matrix, dense or sparse), NPY, or CSV. Normalize raw counts, and reduce more than a hundred features by \
      principal components first.

      The output is an HDF5 file. 'matches/index' and 'matches/weight' are the ten likeliest cells of Y for each cell \
      of X, with the fractions of its mass; 'matches/reverse/…' are those of X for each cell of Y. 'first_in_second' \
      is each cell of X in the given features of Y, and 'second_in_first' the reverse. 'plan' is the whole plan, and \
      'runner_up/plan' that of the second-best alignment, if there is one. Of more than \
      \(ModalityAlignment.mostAligned) cells that many are aligned, and the others follow their neighbors; then \
      'landmarks/plan' is the plan of the cells 'landmarks/first' and 'landmarks/second', and there is no 'plan'.

      The alignment is chosen by many views, which are graphs and distances of each modality at several scales. In the \
      summary, 'score' is the mean log distortion over the views: 0 for the product plan, and lower is better. \
      'margin' is how much worse the score of the runner-up is, 'stability' the fraction of bootstrap draws that keep \
      the choice, and 'symmetry' the score of the best map of a modality onto itself other than the identity. \
      'partners' is the number of cells that share a cell's mass, and 'spread' how far apart they are, from 0 to 1 for \
      any two cells. 'basins' counts the distinct alignments that were compared.

      Example: otlab align atac.h5ad:obsm/X_lsi rna.h5ad:obsm/X_pca --output aligned.h5
      """)

  @Argument(help: ArgumentHelp("The first modality.", valueName: "X"), completion: .file()) var first: String
  @Argument(help: ArgumentHelp("The second modality.", valueName: "Y"), completion: .file()) var second: String
  @Option(
    help: ArgumentHelp("The file of the alignment; without it only the summary is printed.", valueName: "file.h5"))
  var output: String?
  @Option(help: ArgumentHelp("A figure of the best alignment and the runner-up.", valueName: "file.png")) var figure:
    String?
  @Option(
    help: ArgumentHelp(
      "Labels that color the figure, one per cell, first those of X, then of Y. They have no other effect.",
      valueName: "file"))
  var labels: [String] = []
  @Option(help: "The number of random cells that represent a larger modality in the search for candidates.")
  var landmarks = 250
  // A negative number is a wrong value and not another option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let mass stay unmatched at this cost (try 1 to 3), for modalities that lack each other's cell types."))
  var rho: Double?
  @Option(help: "The seed of landmarks and bootstrap draws.") var seed: UInt64 = 1
  @Option(help: "The form of plans: dense, sparse, auto, or none.") var plan = PlanForm.automatic
  @Flag(help: "Print the summary as JSON.") var json = false
  @Flag(help: "Exit with code 1 if there is a warning.") var requireSure = false
  @Option(help: "The number of threads (default: all processors).") var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1 was expected") }
    if !labels.isEmpty && labels.count != 2 {
      throw ValidationError("--labels must be given twice, for X and for Y, or not at all")
    }
    if !labels.isEmpty && figure == nil && output == nil {
      throw ValidationError(
        "--labels color a figure; draw it with --figure FILE.png, or keep them with --output FILE.h5 for 'otlab figure'"
      )
    }
    if let figure, !figure.hasSuffix(".png") {
      throw ValidationError("--figure \(figure): a name ending with .png was expected")
    }
  }

  func run() throws {
    if let output { try SolutionFile.ensureWritable(output) }
    if let figure { try SolutionFile.ensureFolder(of: figure) }
    for (option, path) in [("--output", output), ("--figure", figure)] {
      try path.map {
        try SolutionFile.ensure(option, $0, replacesNoneOf: ([first, second] + labels).map(InputFiles.path))
      }
    }
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    try AddressSpace.require(threads: threads)
    let clock = Stopwatch()
    let notes = printedNotes()
    let (alignment, answer) = try Threads.limited(to: threads) {
      let alignment = try ModalityAlignment(
        first, second, labels: labels, landmarks: landmarks, rho: rho, seed: seed, notes: notes
      ) { printError($0) }
      return (alignment, alignment.answer)
    }
    let settings: Value = [
      "landmarks": .integer(landmarks), "rho": rho.map { .number($0) } ?? .null, "seed": .integer(Int(clamping: seed)),
    ]
    let description: Value = [
      "solver": "align", "inputs": .array([.string(first), .string(second)]), "settings": settings,
      "version": .string(Otlab.configuration.version), "unit_rows": .bool(alignment.problem.hasUnitRows),
      "views": .array(alignment.problem.recipes.map { .string($0.description) }),
      "warnings": .array(alignment.solution.warnings.map { .string($0) }),
    ]
    if let output { try answer.write(to: output, plans: plan, description: description) }
    if let figure { try alignment.figure.figure(named: "alignment").draw(to: figure) }
    let seconds = clock.seconds
    SolutionSummary(answer: answer, description: description, seconds: seconds, output: output).show(asJSON: json)
    for warning in alignment.solution.warnings { printError("warning: \(warning)") }
    if requireSure && !alignment.solution.warnings.isEmpty { throw ExitCode(Exit.failed) }
  }
}

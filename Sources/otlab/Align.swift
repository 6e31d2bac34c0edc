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
    abstract: "Aligns two modalities of your own without knowing any pair of cells, and says how sure it is.",
    discussion: """
      X and Y are matrices of cells × features: HDF5 or AnnData (FILE.h5ad is its X, FILE.h5ad:obsm/X_pca another matrix, dense or sparse), NPY, CSV. \
      Raw counts, and more than a hundred features, are better normalised and reduced by principal components first. The answer is an HDF5 file: \
      'matches/index' and 'matches/weight' are the ten likeliest cells of Y for every cell of X with the shares of its mass, \
      'matches/reverse/…' those of X for every cell of Y; 'first_in_second' is every cell of X in the features of Y as given, 'second_in_first' the other way \
      round; 'plan' is the whole plan. Beyond \(ModalityAlignment.mostAligned) cells that many are aligned and the others follow their neighbours: then 'landmarks/plan' is the plan of \
      the cells 'landmarks/first' and 'landmarks/second', and there is no 'plan'. 'runner_up/plan' is the next alignment, where there is one. Of the summary, \
      'score' is the mean logarithm of distortions over views, 0 for the product plan and lower the better it fits; 'margin' is how much worse the \
      runner-up's is; 'stability' is the share of bootstrap draws that keep the choice; 'symmetry' is the score of a modality's best map onto itself that is not \
      the identity; 'partners' is how many cells share a cell's mass, and 'spread' how far apart these lie, from 0 to 1 for any two cells; \
      'basins' counts the alignments compared. Example: otlab align atac.h5ad:obsm/X_lsi rna.h5ad:obsm/X_pca --output aligned.h5
      """)

  @Argument(help: ArgumentHelp("The first modality.", valueName: "X"), completion: .file()) var first: String
  @Argument(help: ArgumentHelp("The second modality.", valueName: "Y"), completion: .file()) var second: String
  @Option(help: ArgumentHelp("Where the alignment goes; without it only the summary is printed.", valueName: "file.h5")) var output: String?
  @Option(help: ArgumentHelp("A picture of the best alignment and the runner-up.", valueName: "file.png")) var figure: String?
  @Option(
    help: ArgumentHelp("Whole numbers, one a cell, that colour the picture: of X, then of Y. They play no other part.", valueName: "file"))
  var labels: [String] = []
  @Option(help: "Random cells that stand for larger modalities while basins are compared.") var landmarks = 250
  // A negative number is a wrong value, and not another option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Lets mass go unmatched at this price (try 1 to 3), for modalities that lack each other's cell types."))
  var rho: Double?
  @Option(help: "Draws landmarks and bootstrap samples.") var seed: UInt64 = 1
  @Option(help: "How plans are written: dense, sparse, auto or none.") var plan = PlanForm.automatic
  @Flag(help: "Prints the summary as JSON.") var json = false
  @Flag(help: "Ends with code 1 when there is a warning.") var requireSure = false
  @Option(help: "How many threads to use (default: all processors).") var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1 was expected") }
    if !labels.isEmpty && labels.count != 2 { throw ValidationError("--labels is given twice, for X and for Y, or not at all") }
    if !labels.isEmpty && figure == nil && output == nil {
      throw ValidationError(
        "--labels colour a picture; --figure FILE.png says where it goes, or --output FILE.h5 keeps them for 'otlab figure'")
    }
    if let figure, !figure.hasSuffix(".png") { throw ValidationError("--figure \(figure): a name ending with .png was expected") }
  }

  func run() throws {
    if let output { try SolutionFile.ensureWritable(output) }
    if let figure { try SolutionFile.ensureFolder(of: figure) }
    for (option, path) in [("--output", output), ("--figure", figure)] {
      try path.map { try SolutionFile.ensure(option, $0, replacesNoneOf: ([first, second] + labels).map(InputFiles.path)) }
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

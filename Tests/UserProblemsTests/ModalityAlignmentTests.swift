import Datasets
import Documents
import LinearAlgebra
import TestSupport
import Testing

@testable import SolverCatalogue
@testable import UserProblems

/// The answer of `otlab align` as a file, where not all cells are aligned themselves.
@Suite struct ModalityAlignmentTests {
  private let folder = TemporaryFolder()

  @Test func fiveThousandCellsHaveMatches() throws {
    let cells = 5000
    let tree = TwoViews(.branchingTree, cells: cells, noise: 0.05, seed: 6)
    var random = SeededGenerator(seed: 2)
    let order = random.permutation(cells)
    try HDF5.write(
      [("x", NumericArray(tree.first)), ("y", NumericArray(tree.second.selectingRows(order)))],
      to: folder.path + "/cells.h5")
    var said: [String] = []
    let alignment = try ModalityAlignment(
      "\(folder.path)/cells.h5:x", "\(folder.path)/cells.h5:y", landmarks: 150, most: 300, rho: nil, seed: 1,
      notes: Notes()
    ) { said.append($0) }
    #expect(said.contains { $0.hasPrefix("300 of 5000 and 300 of 5000 cells aligned") }, "\(said)")
    let answer = alignment.answer
    #expect(answer.lines.contains("aligned: 300 of 5000 and 300 of 5000 cells; the others follow their neighbors"))
    #expect(answer.summary.first { $0.name == "aligned_first" }?.value == 300)
    let path = folder.path + "/aligned.h5"
    try answer.write(to: path, plans: .automatic, description: [:])
    let names = try HDF5.datasets(in: path)
    #expect(!names.contains("plan") && !names.contains("runner_up/plan"))
    func read(_ name: String) throws -> NumericArray { try HDF5.read(path, dataset: name) }
    let (plan, first, second) = (
      try read("landmarks/plan").matrix, try read("landmarks/first"), try read("landmarks/second")
    )
    #expect(plan.rows == 300 && plan.columns == 300 && first.shape == [300] && second.shape == [300])
    let (index, weight) = (try read("matches/index"), try read("matches/weight").matrix)
    #expect(index.shape == [cells, 10] && weight.rows == cells)
    for (row, cell) in first.elements.enumerated() {
      let masses = plan[row: row].map { $0 * 300 }
      let best = masses.indices.max { masses[$0] < masses[$1] } ?? 0
      #expect(
        index.elements[Int(cell) * 10] == second.elements[best] || abs(masses[best] - weight[Int(cell), 0]) < 1e-12)
    }
    // Matches carry the parts of the tree over, both ways.
    let types = order.map { tree.labels[$0] }
    let right = (0..<cells).count { types[Int(index.elements[10 * $0])] == tree.labels[$0] }
    let reverse = try read("matches/reverse/index")
    let back = (0..<cells).count { tree.labels[Int(reverse.elements[10 * $0])] == types[$0] }
    #expect(right > 4500 && back > 4500, "\(right), \(back)")
  }

  @Test func whatThereIsNoneOfIsSaid() throws {
    var answer = SolverAnswer(status: .converged, iterations: 3)
    answer.numbers = [("score", -1.5)]
    answer.facts = [
      .init(name: "margin", value: .null, words: "none (no other basin was met)"), .init(name: "basins", value: 1),
    ]
    #expect(
      answer.lines == [
        "status: converged", "iterations: 3", "score: -1.5", "margin: none (no other basin was met)", "basins: 1",
      ])
    #expect(answer.summary.map(\.name) == ["status", "converged", "iterations", "score", "margin", "basins"])
    let path = folder.path + "/answer.h5"
    try answer.write(to: path, plans: .automatic, description: [:])
    #expect(try HDF5.datasets(in: path) == ["basins", "iterations", "score"])
  }
}

import LinearAlgebra

extension ScatterPanel {
  /// Views by their distortion at two alignments: those above the diagonal speak for the first.
  ///
  /// - Parameter kinds: what each view is; views of a kind share a colour, and every second kind a mark.
  public static func distortions(best: [Double], next: [Double], kinds: [String]) -> ScatterPanel {
    precondition(best.count == next.count && best.count == kinds.count, "both alignments are seen by the same views")
    let names = kinds.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let groups = names.enumerated().map { index, name in
      let members = kinds.indices.filter { kinds[$0] == name }
      return Group(
        name: name, points: Matrix(rows: members.count, columns: 2) { $1 == 0 ? best[members[$0]] : next[members[$0]] }, colour: index / 2,
        marker: index % 2 == 0 ? .disc : .triangle)
    }
    let largest = (best + next).max() ?? 1
    let diagonal = Group(
      name: "equal", points: Matrix(rows: 25, columns: 2) { i, _ in largest * Double(i) / 24 }, colour: 6, marker: .cross)
    return ScatterPanel(
      title: "views: above the crosses they speak for the best", xLabel: "distortion at the best, against random pairing",
      yLabel: "distortion at the runner-up", groups: groups + [diagonal])
  }
}

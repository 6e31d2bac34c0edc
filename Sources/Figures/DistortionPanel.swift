import LinearAlgebra

extension ScatterPanel {
  /// Plots views by their distortion at two alignments; views above the diagonal favor the first alignment.
  ///
  /// - Parameters:
  ///   - best: the distortion of each view at the best alignment.
  ///   - next: the distortion of each view at the runner-up.
  ///   - kinds: the kind of each view; views of a kind share a color and a marker.
  /// - Returns: The panel.
  public static func distortions(best: [Double], next: [Double], kinds: [String]) -> ScatterPanel {
    precondition(best.count == next.count && best.count == kinds.count, "both alignments are seen by the same views")
    let names = kinds.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let groups = names.enumerated().map { index, name in
      let members = kinds.indices.filter { kinds[$0] == name }
      return Group(
        name: name, points: Matrix(rows: members.count, columns: 2) { $1 == 0 ? best[members[$0]] : next[members[$0]] },
        colour: index / 2,
        marker: index % 2 == 0 ? .disc : .triangle)
    }
    let largest = (best + next).max() ?? 1
    let diagonal = Group(
      name: "equal", points: Matrix(rows: 25, columns: 2) { i, _ in largest * Double(i) / 24 }, colour: 6,
      marker: .cross)
    return ScatterPanel(
      title: "views above the diagonal favor the best alignment",
      xLabel: "distortion of the best alignment relative to a random pairing",
      yLabel: "distortion of the runner-up", groups: groups + [diagonal])
  }
}

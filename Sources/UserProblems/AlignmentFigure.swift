import Figures
import Learning
import LinearAlgebra
import OptimalTransport

extension ModalityAlignment {
  /// The best alignment and the runner-up side by side, both modalities in the second's principal components, and what each view says of them.
  ///
  /// - Parameters:
  ///   - name: of the file.
  ///   - labels: one for each cell of either modality, which colours it; without them the first modality's cells have the colours of fifths of its own first component.
  public func figure(named name: String, labels: (first: [Int], second: [Int])?) -> Figure {
    let margin = solution.margin.map { " (margin \(rounded($0)))" } ?? " (no other found)"
    var panels: [Panel] = [.scatter(scatter("best alignment\(margin)", solution.firstInSecond, cells: nil, labels))]
    if let runnerUp = solution.runnerUp {
      let second = problem.features.second.selectingRows(problem.cells.second)
      let image = runnerUp.barycentricProjection(onto: second)
      panels.append(.scatter(scatter("runner-up", image, cells: problem.cells.first, labels)))
      panels.append(
        .scatter(
          .distortions(
            best: solution.basins[0].ratios, next: solution.basins[1].ratios,
            kinds: problem.recipes.map { "\($0.base.rawValue), \($0.scale.rawValue)" })))
    }
    return Figure(
      name: name, title: "Alignment without pairs: the first modality in the second's features", panels: panels, panelSize: (640, 620))
  }

  private func rounded(_ value: Double) -> Double { (value * 1e3).rounded() / 1e3 }

  /// - Parameter cells: which cells of the first modality the images are of; all when nil.
  private func scatter(_ title: String, _ images: Matrix, cells: [Int]?, _ labels: (first: [Int], second: [Int])?) -> ScatterPanel {
    let target = PrincipalComponents(problem.features.second, count: 2)
    func planar(_ points: Matrix) -> Matrix {
      let projected = target.project(points)
      return Matrix(rows: points.rows, columns: 2) { $1 < projected.columns ? projected[$0, $1] : 0 }
    }
    let (first, second) = (planar(images), planar(problem.features.second))
    let firstLabels = labels?.first ?? Self.fifths(problem.features.first)
    let own = cells.map { $0.map { firstLabels[$0] } } ?? firstLabels
    let classes = Set(firstLabels + (labels?.second ?? [])).sorted()
    func groups(_ points: Matrix, _ own: [Int], _ marker: Marker, name: (Int) -> String) -> [ScatterPanel.Group] {
      classes.enumerated().map { colour, label in
        .init(name: name(label), points: points.selectingRows(own.indices.filter { own[$0] == label }), colour: colour, marker: marker)
      }
    }
    let behind =
      labels.map { groups(second, $0.second, .triangle) { "\($0), second" } }
      ?? [.init(name: "second", points: second, colour: classes.count, marker: .triangle)]
    let before = groups(first, own, .disc) { labels == nil ? "first, fifth \($0) of its own component 1" : "\($0), first" }
    return ScatterPanel(
      title: title, xLabel: "component 1 of the second modality\(problem.hasUnitRows ? ", rows of unit length" : "")",
      yLabel: "component 2",
      groups: behind + before)
  }

  /// In which fifth of the first principal component each cell lies: what colours cells without labels.
  private static func fifths(_ features: Matrix) -> [Int] {
    let along = PrincipalComponents(features, count: 1).project(features).elements
    let order = along.indices.sorted { (along[$0], $0) < (along[$1], $1) }
    var fifths = [Int](repeating: 0, count: along.count)
    for (position, cell) in order.enumerated() { fifths[cell] = position * 5 / along.count + 1 }
    return fifths
  }
}

import Datasets
import Documents
import Figures
import Learning
import LinearAlgebra
import OptimalTransport

/// The figure of an alignment: the best alignment and the runner-up side by side, and the distortion of each view.
///
/// Both modalities are shown in the second one's principal components. The figure is drawn from the arrays of an
/// answer of `otlab align`, so that it can be drawn again.
public struct AlignmentFigure {
  /// The second modality, and the first one by the best alignment and by the runner-up, in the plane.
  private let second: Matrix
  private let best: Matrix
  private let runnerUp: Matrix?
  /// The cells of the first modality that the runner-up shows.
  private let runnerUpCells: [Int]
  /// The groups that color the cells: labels, or fifths of the first modality's own first component and nothing for
  /// the second one.
  private let groups: (first: [Int], second: [Int]?)
  private let ratios: (best: [Double], runnerUp: [Double])
  private let kinds: [String]
  private let margin: Double?
  private let hasUnitRows: Bool

  /// Creates the figure of an alignment.
  ///
  /// - Parameters:
  ///   - alignment: the alignment.
  ///   - labels: a label for each cell of both modalities; nil for none.
  init(_ alignment: ModalityAlignment, labels: (first: [Int], second: [Int])?) {
    let (problem, solution) = (alignment.problem, alignment.solution)
    let target = PrincipalComponents(problem.features.second, count: 2)
    func planar(_ points: Matrix) -> Matrix {
      let projected = target.project(points)
      return Matrix(rows: points.rows, columns: 2) { $1 < projected.columns ? projected[$0, $1] : 0 }
    }
    second = planar(problem.features.second)
    best = planar(solution.firstInSecond)
    let aligned = problem.features.second.selectingRows(problem.cells.second)
    runnerUp = solution.runnerUp.map { planar($0.barycentricProjection(onto: aligned)) }
    runnerUpCells = problem.cells.first
    groups = labels.map { ($0.first, $0.second) } ?? (Self.fifths(problem.features.first), nil)
    ratios = (solution.basins[0].ratios, solution.basins.dropFirst().first?.ratios ?? [])
    kinds = problem.recipes.map { Self.kind($0.description) }
    margin = solution.margin
    hasUnitRows = problem.hasUnitRows
  }

  /// The arrays of the figure that an answer does not contain otherwise.
  var arrays: [(name: String, array: NumericArray)] {
    var arrays = [
      ("figure/second", NumericArray(second)), ("figure/first", NumericArray(best)),
      ("figure/first_groups", NumericArray(integers: groups.first)),
    ]
    if let labels = groups.second { arrays.append(("figure/second_groups", NumericArray(integers: labels))) }
    if let runnerUp {
      arrays.append(("figure/runner_up", NumericArray(runnerUp)))
      arrays.append(("figure/runner_up_cells", NumericArray(integers: runnerUpCells)))
    }
    return arrays
  }

  /// Reads the figure of an answer that `otlab align` has written.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - description: the file's attribute `otlab`.
  /// - Throws: `DataError` if the file lacks an array, for example because an older version has written it.
  public init(answer path: String, description: Value) throws(DataError) {
    let names = try HDF5.datasets(in: path)
    func matrix(_ name: String, columns: Int) throws(DataError) -> Matrix {
      let array = try HDF5.read(path, dataset: name)
      guard array.shape.count == 2, array.shape[1] == columns else {
        throw DataError(
          .unfit, path: path,
          problem: "dataset '\(name)' has the shape \(array.shapeText), but cells×\(columns) was expected")
      }
      return array.matrix
    }
    func integers(_ name: String, count: Int) throws(DataError) -> [Int] {
      let numbers = try HDF5.read(path, dataset: name).elements.compactMap { Int(exactly: $0) }
      guard numbers.count == count else {
        throw DataError(
          .unfit, path: path, problem: "dataset '\(name)' does not hold \(count) whole numbers, as was expected")
      }
      return numbers
    }
    second = try matrix("figure/second", columns: 2)
    best = try matrix("figure/first", columns: 2)
    let labels = names.contains("figure/second_groups") ? try integers("figure/second_groups", count: second.rows) : nil
    groups = (try integers("figure/first_groups", count: best.rows), labels)
    kinds = (description["views"]?.array ?? []).map { Self.kind($0.string ?? "") }
    hasUnitRows = description["unit_rows"]?.bool ?? false
    margin = names.contains("margin") ? try HDF5.read(path, dataset: "margin").elements.first : nil
    if names.contains("figure/runner_up") {
      let images = try matrix("figure/runner_up", columns: 2)
      runnerUpCells = try integers("figure/runner_up_cells", count: images.rows)
      ratios = (
        try HDF5.read(path, dataset: "views/best").elements, try HDF5.read(path, dataset: "views/runner_up").elements
      )
      guard runnerUpCells.allSatisfy((0..<best.rows).contains), ratios.best.count == kinds.count,
        ratios.runnerUp.count == kinds.count
      else {
        throw DataError(.unfit, path: path, problem: "holds cells or views of the runner-up that do not fit the rest")
      }
      runnerUp = images
    } else {
      (runnerUp, runnerUpCells, ratios) = (nil, [], ([], []))
    }
  }

  /// Returns the figure under a file name.
  public func figure(named name: String) -> Figure {
    let margin = margin.map { " (margin \(($0 * 1e3).rounded() / 1e3))" } ?? " (no other basin was met)"
    var panels: [Panel] = [.scatter(scatter("best alignment\(margin)", best, groups.first))]
    if let runnerUp {
      panels.append(.scatter(scatter("runner-up", runnerUp, runnerUpCells.map { groups.first[$0] })))
      panels.append(.scatter(.distortions(best: ratios.best, next: ratios.runnerUp, kinds: kinds)))
    }
    return Figure(
      name: name, title: "Alignment without pairs: the first modality in the second's features", panels: panels,
      panelSize: (640, 620))
  }

  private func scatter(_ title: String, _ images: Matrix, _ own: [Int]) -> ScatterPanel {
    let classes = Set(groups.first + (groups.second ?? [])).sorted()
    func parts(_ points: Matrix, _ own: [Int], _ marker: Marker, name: (Int) -> String) -> [ScatterPanel.Group] {
      classes.enumerated().map { color, label in
        .init(
          name: name(label), points: points.selectingRows(own.indices.filter { own[$0] == label }), colour: color,
          marker: marker)
      }
    }
    let behind =
      groups.second.map { parts(second, $0, .triangle) { "\($0), second" } }
      ?? [.init(name: "second", points: second, colour: classes.count, marker: .triangle)]
    let before = parts(images, own, .disc) {
      groups.second == nil ? "first, fifth \($0) of its own component 1" : "\($0), first"
    }
    return ScatterPanel(
      title: title, xLabel: "component 1 of the second modality\(hasUnitRows ? ", rows of unit length" : "")",
      yLabel: "component 2",
      groups: behind + before)
  }

  /// Returns the base and the scale of a view from its description.
  private static func kind(_ description: String) -> String {
    let parts = description.split(separator: ",").map { $0.drop { $0 == " " } }
    return parts.count > 1 ? "\(parts[0]), \(parts[parts.count - 1])" : description
  }

  /// Returns the fifth of the first principal component that each cell lies in, which colors cells without labels.
  private static func fifths(_ features: Matrix) -> [Int] {
    let along = PrincipalComponents(features, count: 1).project(features).elements
    let order = along.indices.sorted { (along[$0], $0) < (along[$1], $1) }
    var fifths = [Int](repeating: 0, count: along.count)
    for (position, cell) in order.enumerated() { fifths[cell] = position * 5 / along.count + 1 }
    return fifths
  }
}

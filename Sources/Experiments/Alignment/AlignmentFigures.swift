import Datasets
import Figures
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Pipeline

/// The arrays that an alignment run stores for its figures, under fixed names.
struct AlignmentArrays {
  let named: [(name: String, array: NumericArray)]

  init(pair: AlignmentData.Pair, first: Matrix, second: Matrix, search: AlignmentSearch, shown: AlignmentAnswer) {
    let together = shown.forward.second
    let target = PrincipalComponents(together, count: 2)
    let candidates = search.candidates
    named =
      [
        ("before/first", NumericArray(Self.planar(first))), ("before/second", NumericArray(Self.planar(second))),
        ("after/first", NumericArray(Self.twoColumns(target.project(shown.forward.first)))),
        ("after/second", NumericArray(Self.twoColumns(target.project(together)))),
        ("labels/first", NumericArray(pair.firstLabels.map(Double.init))),
        ("labels/second", NumericArray(pair.secondLabels.map(Double.init))),
        ("coupling/plan", NumericArray(shown.plan.plan)), ("coupling/projection", NumericArray(shown.forward.first)),
        ("trace/iteration", NumericArray(shown.trace.points.map { Double($0.iteration) })),
        ("trace/objective", NumericArray(shown.trace.points.map { $0.objective ?? .nan })),
        ("trace/residual", NumericArray(shown.trace.points.map(\.residual))),
        ("search/objective", NumericArray(candidates.map(\.objective))),
        ("search/foscttm", NumericArray(candidates.map(\.foscttm))),
        ("search/spread", NumericArray(candidates.map(\.spread))),
        ("search/basin", NumericArray(search.basins.map(Double.init))),
        ("search/shown", NumericArray([Double(search.shownIndex)])),
        ("search/blind", NumericArray([Double(search.blindIndex)])),
      ] + Self.decision(shown, target)
  }

  /// The runner-up and the distortions of the views, if the method reports them.
  private static func decision(_ shown: AlignmentAnswer, _ target: PrincipalComponents) -> [(
    name: String, array: NumericArray
  )] {
    guard let decision = shown.decision, let runnerUp = decision.runnerUp else { return [] }
    return [
      ("decision/runner-up", NumericArray(twoColumns(target.project(runnerUp)))),
      ("decision/best-views", NumericArray(decision.views.best)),
      ("decision/next-views", NumericArray(decision.views.next)), ("decision/margin", NumericArray([decision.margin])),
    ]
  }

  init(_ stored: StoredArrays) throws {
    let names = [
      "before/first", "before/second", "after/first", "after/second", "labels/first", "labels/second", "coupling/plan",
      "trace/iteration",
      "trace/objective", "trace/residual", "search/objective", "search/foscttm", "search/spread", "search/basin",
      "search/shown",
      "search/blind",
    ]
    // Only some methods store a decision.
    let decisions = ["decision/runner-up", "decision/best-views", "decision/next-views", "decision/margin"]
    named =
      try names.map { ($0, try stored.array($0)) }
      + decisions.compactMap { name in (try? stored.array(name)).map { (name, $0) } }
  }

  func matrix(_ name: String) -> Matrix {
    named.first { $0.name == name }?.array.matrix ?? Matrix(rows: 0, columns: 0)
  }

  /// Returns the first two principal components, scaled to unit spread, since the modalities have different units.
  private static func planar(_ points: Matrix) -> Matrix {
    let components = PrincipalComponents(points, count: 2)
    let scale = components.variances.reduce(0, +).squareRoot()
    return twoColumns(components.project(points).map { scale > 0 ? $0 / scale : 0 })
  }

  private static func twoColumns(_ points: Matrix) -> Matrix {
    points.columns == 2 ? points : Matrix(rows: points.rows, columns: 2) { $1 < points.columns ? points[$0, $1] : 0 }
  }
}

/// The figures of an alignment run.
struct AlignmentFigures {
  let arrays: AlignmentArrays
  let labelNames: [String]
  let modalities: [String]

  var all: [Figure] {
    let always = [alignment, coupling, convergence]
    if arrays.matrix("decision/margin").elements.count == 1 { return always + [DecisionFigure(figures: self).figure] }
    return arrays.matrix("search/objective").elements.count > 1 ? always + [basins] : always
  }

  func labels(_ side: String) -> [Int] { arrays.matrix("labels/\(side)").elements.map { Int($0) } }

  func name(of label: Int) -> String {
    (1...max(1, labelNames.count)).contains(label) && !labelNames.isEmpty ? labelNames[label - 1] : "type \(label)"
  }

  private var alignment: Figure {
    let classes = Set(labels("first") + labels("second")).sorted()
    func groups(_ when: String) -> [ScatterPanel.Group] {
      [("first", Marker.disc, modalities[0]), ("second", Marker.triangle, modalities[1])].flatMap {
        side, marker, modality in
        let points = arrays.matrix("\(when)/\(side)")
        let labels = labels(side)
        return classes.enumerated().map { color, label in
          ScatterPanel.Group(
            name: "\(name(of: label)), \(modality)",
            points: points.selectingRows(labels.indices.filter { labels[$0] == label }),
            colour: color, marker: marker)
        }
      }
    }
    return Figure(
      name: "alignment", title: "Both modalities before and after alignment, colored by label",
      panels: [
        .scatter(
          ScatterPanel(
            title: "before: each modality in its own principal components", xLabel: "component 1 (unit spread)",
            yLabel: "component 2 (unit spread)",
            groups: groups("before"))),
        .scatter(
          ScatterPanel(
            title: "after: both modalities in the method's space", xLabel: "component 1 of \(modalities[1])",
            yLabel: "component 2 of \(modalities[1])", groups: groups("after"))),
      ], panelSize: (720, 720))
  }

  private var coupling: Figure {
    let plan = arrays.matrix("coupling/plan")
    let (rows, columns) = (ordering(labels("first")), ordering(labels("second")))
    let pooled = Matrix(rows: plan.rows, columns: plan.columns) { plan[rows.order[$0], columns.order[$1]] }.pooled()
    let side = (rows: pooled.rows, columns: pooled.columns)
    // Relative to the product plan: 0 means as much mass as under independence.
    let (a, b) = (pooled.rowSums, pooled.columnSums)
    let density = Matrix(rows: side.rows, columns: side.columns) { i, j in
      a[i] > 0 && b[j] > 0 ? max(-2, log10(pooled[i, j] / (a[i] * b[j]))) : -2
    }
    func blocks(_ runs: [(label: Int, range: Range<Int>)], scale: Double) -> [HeatMapPanel.Block] {
      runs.map {
        .init(
          name: name(of: $0.label), range: Double($0.range.lowerBound) * scale..<Double($0.range.upperBound) * scale)
      }
    }
    return Figure(
      name: "coupling", title: "Coupling, rows and columns ordered by label",
      panels: [
        .heatMap(
          HeatMapPanel(
            title: "mass relative to the product plan", xLabel: modalities[1], yLabel: modalities[0],
            scaleLabel: "log10 of P / (a⊗b), cut at −2", matrix: density,
            rowBlocks: blocks(rows.runs, scale: Double(side.rows) / Double(plan.rows)),
            columnBlocks: blocks(columns.runs, scale: Double(side.columns) / Double(plan.columns))))
      ], panelSize: (800, 720))
  }

  private func ordering(_ labels: [Int]) -> (order: [Int], runs: [(label: Int, range: Range<Int>)]) {
    let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    var runs: [(label: Int, range: Range<Int>)] = []
    for (position, index) in order.enumerated() {
      if let last = runs.last, last.label == labels[index] {
        runs[runs.count - 1].range = last.range.lowerBound..<position + 1
      } else {
        runs.append((labels[index], position..<position + 1))
      }
    }
    return (order, runs)
  }

  private var convergence: Figure {
    let iterations = arrays.matrix("trace/iteration").elements
    return Figure(
      name: "convergence", title: "Iteration history",
      panels: [
        .lines(
          LinePanel(
            title: "objective", xLabel: "iteration", yLabel: "objective",
            curves: [.init(name: "objective", x: iterations, y: arrays.matrix("trace/objective").elements)])),
        .lines(
          LinePanel(
            title: "residual", xLabel: "iteration", yLabel: "residual",
            curves: [.init(name: "residual", x: iterations, y: arrays.matrix("trace/residual").elements)],
            isYLogarithmic: true)),
      ], panelSize: (600, 460))
  }

  /// Plots objective and FOSCTTM of all candidates, which shows whether one says anything about the other.
  private var basins: Figure {
    let (objectives, foscttms) = (arrays.matrix("search/objective").elements, arrays.matrix("search/foscttm").elements)
    let basins = arrays.matrix("search/basin").elements.map { Int($0) }
    func points(_ indices: [Int]) -> Matrix {
      Matrix(rows: indices.count, columns: 2) { $1 == 0 ? objectives[indices[$0]] : foscttms[indices[$0]] }
    }
    let named = 5
    var groups = (0...min(basins.max() ?? 0, named)).map { basin in
      let members = basins.indices.filter { basin < named ? basins[$0] == basin : basins[$0] >= named }
      return ScatterPanel.Group(
        name: basin < named ? "basin \(basin + 1) (\(members.count))" : "others (\(members.count))",
        points: points(members), colour: basin,
        marker: .disc)
    }
    let (shown, blind) = (
      Int(arrays.matrix("search/shown").elements[0]), Int(arrays.matrix("search/blind").elements[0])
    )
    groups.append(.init(name: "shown", points: points([shown]), colour: 6, marker: .triangle))
    if blind != shown {
      groups.append(.init(name: "lowest objective", points: points([blind]), colour: 6, marker: .cross))
    }
    return Figure(
      name: "basins", title: "All candidates: objective and true error",
      panels: [
        .scatter(
          ScatterPanel(
            title: "plans that share 3/4 of their mass have the same color", xLabel: "objective, known without pairs",
            yLabel: "FOSCTTM on all rows",
            groups: groups, hasOneScale: false))
      ], panelSize: (900, 620))
  }
}

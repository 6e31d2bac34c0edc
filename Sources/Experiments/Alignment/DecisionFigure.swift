import Alignment
import Figures
import LinearAlgebra

/// The figure of the best alignment, the runner-up, and the views that decided between them.
struct DecisionFigure {
  let figures: AlignmentFigures

  var figure: Figure {
    let margin = figures.arrays.matrix("decision/margin").elements[0]
    return Figure(
      name: "decision", title: "The best alignment, the runner-up, and the distortions of the views",
      panels: [
        .scatter(scatter("best, margin \((margin * 1e3).rounded() / 1e3)", figures.arrays.matrix("after/first"))),
        .scatter(scatter("runner-up", figures.arrays.matrix("decision/runner-up"))), .scatter(views),
      ], panelSize: (640, 660))
  }

  private func scatter(_ title: String, _ images: Matrix) -> ScatterPanel {
    let sides = [
      (figures.arrays.matrix("after/second"), figures.labels("second"), Marker.triangle, figures.modalities[1]),
      (images, figures.labels("first"), Marker.disc, figures.modalities[0]),
    ]
    let classes = Set(figures.labels("first") + figures.labels("second")).sorted()
    return ScatterPanel(
      title: title, xLabel: "component 1 of \(figures.modalities[1])",
      yLabel: "component 2 of \(figures.modalities[1])",
      groups: sides.flatMap { points, labels, marker, modality in
        classes.enumerated().map { color, label in
          ScatterPanel.Group(
            name: "\(figures.name(of: label)), \(modality)",
            points: points.selectingRows(labels.indices.filter { labels[$0] == label }),
            colour: color, marker: marker)
        }
      })
  }

  private var views: ScatterPanel {
    .distortions(
      best: figures.arrays.matrix("decision/best-views").elements,
      next: figures.arrays.matrix("decision/next-views").elements,
      kinds: ViewRecipe.standard.map { "\($0.base.rawValue), \($0.scale.rawValue)" })
  }
}

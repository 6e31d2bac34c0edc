import Figures
import Foundation
import LinearAlgebra
import Pipeline

/// The figures of one plan from a strip to its bent copy.
struct FusedKernelFigures {
  let arrays: StoredArrays
  let length: Double
  private static let sections = 6

  var all: [Figure] {
    get throws { [try shapes, try coupling] }
  }

  /// Shows the bent copy twice, colored by its own sections of the strip and by those that the plan sends there.
  private var shapes: Figure {
    get throws {
      let bent = try arrays.array("bent").matrix
      let (own, carried) = (try arrays.array("arcLengths").elements, try arrays.array("carried").elements)
      return Figure(
        name: "shapes", title: "Sections of the strip on its bent copy",
        panels: [
          panel("the copy, by arc length", bent, own),
          panel("the copy, by the mean arc length sent to each point", bent, carried),
        ], panelSize: (620, 600))
    }
  }

  private func panel(_ title: String, _ points: Matrix, _ arcLengths: [Double]) -> Panel {
    let groups = (0..<Self.sections).map { section in
      let members = arcLengths.indices.filter {
        min(Self.sections - 1, Int(arcLengths[$0] / length * Double(Self.sections))) == section
      }
      let bounds = [section, section + 1].map { String(format: "%.2g", Double($0) / Double(Self.sections) * length) }
      return ScatterPanel.Group(
        name: "\(bounds[0])–\(bounds[1])", points: points.selectingRows(members), colour: section,
        marker: section % 2 == 0 ? .disc : .triangle)
    }
    return .scatter(ScatterPanel(title: title, xLabel: "x", yLabel: "y", groups: groups))
  }

  private var coupling: Figure {
    get throws {
      let panel = HeatMapPanel(
        title: "points ordered by arc length; twins are on the diagonal", xLabel: "point of the copy",
        yLabel: "point of the strip",
        scaleLabel: "mass", matrix: try arrays.array("plan").matrix)
      return Figure(name: "coupling", title: "Plan from the strip to its copy", panels: [.heatMap(panel)])
    }
  }
}

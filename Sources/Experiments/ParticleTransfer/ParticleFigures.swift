import Figures
import LinearAlgebra
import Pipeline

/// The figure of the snapshots with the persistent particles in color, and of the first snapshot pushed through the
/// operators.
struct ParticleFigures {
  let arrays: StoredArrays

  var all: [Figure] {
    get throws {
      let count = Int(try arrays.array("snapshots").elements.first ?? 0)
      let groups = Int(try arrays.array("groups").elements.first ?? 0)
      func colored(_ name: String, _ step: Int, over whole: Matrix?) throws -> ColoredPicture {
        let parts = try (0..<groups).map { try arrays.array("\(name)\(step)-group\($0)").matrix }
        let own = Matrix(rows: parts[0].rows, columns: parts[0].columns) { i, j in parts.reduce(0) { $0 + $1[i, j] } }
        let largest = max(own.elements.max() ?? 0, 1e-300)
        let noise = whole.map { whole in
          Matrix(rows: own.rows, columns: own.columns) { 0.35 * min(max(whole[$0, $1] - own[$0, $1], 0), 1) }
        }
        // Colors are full from a third of the largest value on.
        let scale = Matrix(rows: own.rows, columns: own.columns) { i, j in
          own[i, j] > 0 ? min(3 * own[i, j] / largest, 1) / own[i, j] : 0
        }
        let inked = parts.map { part in Matrix(rows: part.rows, columns: part.columns) { part[$0, $1] * scale[$0, $1] }
        }
        return ColoredPicture(parts: inked, noise: noise)
      }
      var panels: [Panel] = []
      for step in 0..<count {
        let whole = try arrays.array("whole\(step)").matrix
        panels.append(try colored("true", step, over: whole).panel("snapshot \(step + 1)"))
      }
      for step in 0..<count {
        panels.append(try colored("pushed", step, over: nil).panel(step == 0 ? "start" : "pushed to \(step + 1)"))
      }
      return [
        Figure(
          name: "transfer",
          title:
            """
            Particles colored by their initial direction from the center, noise black; below, the first snapshot \
            pushed forward
            """,
          panels: panels, panelSize: (300, 320), columns: count)
      ]
    }
  }

  /// An image of the shares of colors, and of black for noise.
  private struct ColoredPicture {
    let parts: [Matrix]
    let noise: Matrix?

    func panel(_ title: String) -> Panel {
      // Black is the seventh color of the palette.
      .image(ImagePanel(title: title, categories: parts + [noise].compactMap { $0 }))
    }
  }
}

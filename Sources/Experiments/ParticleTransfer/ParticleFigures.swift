import Figures
import LinearAlgebra
import Pipeline

/// The snapshots with the particles that stay in colour, and the first of them pushed through the operators.
struct ParticleFigures {
  let arrays: StoredArrays

  var all: [Figure] {
    get throws {
      let count = Int(try arrays.array("snapshots").elements.first ?? 0)
      let groups = Int(try arrays.array("groups").elements.first ?? 0)
      func coloured(_ name: String, _ step: Int, over whole: Matrix?) throws -> ColouredPicture {
        let parts = try (0..<groups).map { try arrays.array("\(name)\(step)-group\($0)").matrix }
        let own = Matrix(rows: parts[0].rows, columns: parts[0].columns) { i, j in parts.reduce(0) { $0 + $1[i, j] } }
        let largest = max(own.elements.max() ?? 0, 1e-300)
        let noise = whole.map { whole in
          Matrix(rows: own.rows, columns: own.columns) { 0.35 * min(max(whole[$0, $1] - own[$0, $1], 0), 1) }
        }
        // Full colour from a third of the largest on.
        let scale = Matrix(rows: own.rows, columns: own.columns) { i, j in
          own[i, j] > 0 ? min(3 * own[i, j] / largest, 1) / own[i, j] : 0
        }
        let inked = parts.map { part in Matrix(rows: part.rows, columns: part.columns) { part[$0, $1] * scale[$0, $1] } }
        return ColouredPicture(parts: inked, noise: noise)
      }
      var panels: [Panel] = []
      for step in 0..<count {
        let whole = try arrays.array("whole\(step)").matrix
        panels.append(try coloured("true", step, over: whole).panel("snapshot \(step + 1)"))
      }
      for step in 0..<count { panels.append(try coloured("pushed", step, over: nil).panel(step == 0 ? "start" : "pushed to \(step + 1)")) }
      return [
        Figure(
          name: "transfer", title: "Particles by their first direction from the middle, noise grey; below, the first snapshot pushed on",
          panels: panels, panelSize: (300, 320), columns: count)
      ]
    }
  }

  /// Shares of colours, and of black for noise.
  private struct ColouredPicture {
    let parts: [Matrix]
    let noise: Matrix?

    func panel(_ title: String) -> Panel {
      // Black is the seventh colour of the palette.
      .image(ImagePanel(title: title, categories: parts + [noise].compactMap { $0 }))
    }
  }
}

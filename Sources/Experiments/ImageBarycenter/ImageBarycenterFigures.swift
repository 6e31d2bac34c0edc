import Figures
import LinearAlgebra
import Pipeline

/// The figures of a barycenter: the images and the barycenter, and the labels that pixels send to it.
struct ImageBarycenterFigures {
  let arrays: StoredArrays
  let threshold: Double
  let labelNames: [String]
  private static let size = (width: 420, height: 460)

  var all: [Figure] {
    get throws {
      var figures = [try images]
      if try labelCount > 0 { figures.append(try transfer) }
      figures.append(try objective)
      return figures
    }
  }

  private var labelCount: Int { get throws { Int(try arrays.array("labelCount").elements.first ?? 0) } }

  /// The number of images that the run has stored, as image0, image1, ….
  private var count: Int {
    var index = 0
    while (try? arrays.array("image\(index)")) != nil { index += 1 }
    return index
  }

  private static func ink(_ matrix: Matrix) -> Matrix {
    let largest = matrix.elements.max() ?? 0
    return largest > 0 ? matrix.map { $0 / largest } : matrix
  }

  private var images: Figure {
    get throws {
      let inputs = try (0..<count).map { index in
        Panel.image(ImagePanel(title: "image \(index + 1)", ink: Self.ink(try arrays.array("picture\(index)").matrix)))
      }
      let barycenter = Panel.image(ImagePanel(title: "barycenter", ink: Self.ink(try arrays.array("picture").matrix)))
      return Figure(
        name: "barycenter", title: "Images and their barycenter", panels: inputs + [barycenter], panelSize: Self.size)
    }
  }

  /// Shows the images by label, and the barycenter's pixels in the mixture of labels that each image sends there.
  private var transfer: Figure {
    get throws {
      let labels = try labelCount
      let barycenter = try arrays.array("barycenter").matrix
      var panels: [Panel] = []
      for index in 0..<count {
        let own = try (0..<labels).map { try arrays.array("image\(index)-label\($0)").matrix }
        let total = own.reduce(Matrix(rows: barycenter.rows, columns: barycenter.columns)) { sum, part in
          var sum = sum
          sum.add(part)
          return sum
        }
        panels.append(
          .image(ImagePanel(title: "image \(index + 1)", categories: own.map { Self.shares($0, of: total) { $0 > 0 } }))
        )
      }
      if (try? arrays.array("barycenter-label0")) != nil {
        let own = try (0..<labels).map { try arrays.array("barycenter-label\($0)").matrix }
        panels.append(
          .image(
            ImagePanel(
              title: "labels of the barycenter",
              categories: own.map { Self.shares($0, of: barycenter) { $0 > threshold } })))
      }
      for index in 0..<count {
        let carried = try (0..<labels).map { try arrays.array("carried\(index)-label\($0)").matrix }
        let shares = carried.map { Self.shares($0, of: barycenter) { $0 > threshold } }
        panels.append(.image(ImagePanel(title: "labels that image \(index + 1) sends", categories: shares)))
      }
      let names = labelNames.isEmpty ? "" : " (\(ImagePanel.key(labelNames)))"
      return Figure(
        name: "labels", title: "Labels carried to the barycenter\(names)", panels: panels, panelSize: Self.size)
    }
  }

  /// Returns part/whole where the whole is shown, and 0 elsewhere.
  private static func shares(_ part: Matrix, of whole: Matrix, _ isShown: (Double) -> Bool) -> Matrix {
    Matrix(rows: part.rows, columns: part.columns) { isShown(whole[$0, $1]) ? part[$0, $1] / whole[$0, $1] : 0 }
  }

  private var objective: Figure {
    get throws {
      let (history, diagonal) = (try arrays.array("objective").elements, try arrays.array("diagonal").elements)
      func curve(_ name: String, _ y: [Double]) -> LinePanel.Curve {
        LinePanel.Curve(name: name, x: y.indices.map { Double($0 + 1) }, y: y)
      }
      let panel = LinePanel(
        title: "at the ε of each step", xLabel: "outer step", yLabel: "objective",
        curves: [curve("F(π', π)", history), curve("F(π, π)", diagonal)],
        isYLogarithmic: (history + diagonal).allSatisfy { $0 > 0 })
      return Figure(
        name: "objective", title: "History of the objective", panels: [.lines(panel)], panelSize: (760, 520))
    }
  }
}

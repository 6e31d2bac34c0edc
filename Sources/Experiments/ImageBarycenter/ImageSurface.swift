import Foundation
import LinearAlgebra
import OptimalTransport

/// What the pixels of an image lie on. Points are numbered along lattice rows: those of the image in the plane, meridians on a globe.
struct ImageSurface: Sendable {
  enum Kind: String, CaseIterable {
    case plane
    case globe
  }

  let kind: Kind
  /// Of the image.
  let rows: Int
  let columns: Int
  var count: Int { rows * columns }

  /// The points in use, or all, with distances in units of the image's diagonal, or of half a great circle.
  func lattice(_ points: [Int]? = nil) throws(ProblemError) -> LatticeDistances {
    switch kind {
    case .plane: try .pixels(rows: rows, columns: columns, points: points)
    case .globe: try .globe(meridians: columns, parallels: rows, points: points)
    }
  }

  /// The pixel, row by row, of a point.
  func pixel(_ point: Int) -> Int { kind == .plane ? point : point % rows * columns + point / rows }

  /// The column of the image that a point lies in.
  func column(_ point: Int) -> Int { pixel(point) % columns }

  private func point(_ pixel: Int) -> Int { kind == .plane ? pixel : pixel % columns * rows + pixel / columns }

  /// An image as a measure of mass 1; on a globe pixels weigh as much as their area.
  ///
  /// - Parameter labels: of the pixels above 0, row by row.
  func measure(_ ink: Matrix, labels: [Int]?) -> ImageData.Image {
    let pixels = ink.elements.indices.filter { ink.elements[$0] > 0 }
    let order = pixels.indices.sorted { point(pixels[$0]) < point(pixels[$1]) }
    let masses = order.map { place in
      ink.elements[pixels[place]]
        * (kind == .plane ? 1 : sin(Double.pi * (Double(pixels[place] / columns) + 0.5) / Double(rows)))
    }
    let total = compensatedSum(masses)
    return ImageData.Image(
      points: order.map { point(pixels[$0]) }, shares: masses.map { $0 / total }, labels: labels.map { own in order.map { own[$0] } })
  }

  /// Values at some points, or all, as an image.
  func image(_ values: [Double], at points: [Int]? = nil) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    for (index, value) in values.enumerated() { result.elements[pixel(points?[index] ?? index)] = value }
    return result
  }

  /// The image as it is looked at: masses in the plane, densities on the front of a globe that is turned first.
  func picture(_ image: Matrix, turned turn: Matrix? = nil) -> Matrix {
    kind == .plane ? image : GlobeView(facing: GlobeView.front, turn: turn).picture(image)
  }
}

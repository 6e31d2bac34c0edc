import Foundation
import LinearAlgebra
import OptimalTransport

/// The surface on which the pixels of an image lie.
///
/// Points are numbered along lattice rows, which are the rows of the image in the plane and the meridians of a globe.
struct ImageSurface: Sendable {
  enum Kind: String, CaseIterable {
    case plane
    case globe
  }

  let kind: Kind
  /// The number of rows of the image.
  let rows: Int
  let columns: Int
  var count: Int { rows * columns }

  /// Returns some or all points with distances in units of the image's diagonal or of half a great circle.
  func lattice(_ points: [Int]? = nil) throws(ProblemError) -> LatticeDistances {
    switch kind {
    case .plane: try .pixels(rows: rows, columns: columns, points: points)
    case .globe: try .globe(meridians: columns, parallels: rows, points: points)
    }
  }

  /// Returns the row-major pixel of a point.
  func pixel(_ point: Int) -> Int { kind == .plane ? point : point % rows * columns + point / rows }

  /// Returns the column of the image in which a point lies.
  func column(_ point: Int) -> Int { pixel(point) % columns }

  private func point(_ pixel: Int) -> Int { kind == .plane ? pixel : pixel % columns * rows + pixel / columns }

  /// Returns an image as a measure of mass 1; pixels of a globe are weighted by their area.
  ///
  /// - Parameters:
  ///   - ink: the gray values.
  ///   - labels: the row-major labels of the pixels above 0.
  /// - Returns: The measure.
  func measure(_ ink: Matrix, labels: [Int]?) -> ImageData.Image {
    let pixels = ink.elements.indices.filter { ink.elements[$0] > 0 }
    let order = pixels.indices.sorted { point(pixels[$0]) < point(pixels[$1]) }
    let masses = order.map { place in
      ink.elements[pixels[place]]
        * (kind == .plane ? 1 : sin(Double.pi * (Double(pixels[place] / columns) + 0.5) / Double(rows)))
    }
    let total = compensatedSum(masses)
    return ImageData.Image(
      points: order.map { point(pixels[$0]) }, shares: masses.map { $0 / total },
      labels: labels.map { own in order.map { own[$0] } })
  }

  /// Returns values at some or all points as an image.
  func image(_ values: [Double], at points: [Int]? = nil) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    for (index, value) in values.enumerated() { result.elements[pixel(points?[index] ?? index)] = value }
    return result
  }

  /// Returns the image to display: masses in the plane, or densities on the front of a rotated globe.
  func picture(_ image: Matrix, turned turn: Matrix? = nil) -> Matrix {
    kind == .plane ? image : GlobeView(facing: GlobeView.front, turn: turn).picture(image)
  }
}

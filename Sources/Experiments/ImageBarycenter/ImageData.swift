import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline

/// Two or more images as measures on the pixels of one surface, with optional labels.
struct ImageData: Sendable {
  private enum Origin: Sendable {
    case drawn(DrawnImages)
    /// Image files with a labels file for each image, or nil for an image without labels.
    case files(images: [InputReference], labels: [InputReference?])
  }

  private let origin: Origin
  private let surface: ImageSurface.Kind
  private let size: Int?
  let labelNames: [String]
  static let most = 10

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "drawn images instead of files") {
      origin = .drawn(try DrawnImages(generator))
    } else {
      var images: [InputReference] = []
      for index in 0..<Self.most {
        let about = "a matrix of nonnegative gray values; at least two images"
        let isNeeded = index < 2
        let own =
          isNeeded
          ? try fields.fieldsOrEmpty("image\(index)", about: about) : try fields.fields("image\(index)", about: about)
        guard let own else { break }
        images.append(try InputReference(own, role: "data.image\(index)"))
      }
      var labels: [InputReference?] = []
      for index in images.indices {
        let own = try fields.fields("labels\(index)", about: "a label 0, 1, … for each pixel above 0, row by row")
        labels.append(try own.map { own throws(DocumentError) in try InputReference(own, role: "data.labels\(index)") })
      }
      origin = .files(images: images, labels: labels)
    }
    surface = try fields.choice(
      "surface", default: .plane,
      about: "the surface of the pixels; the rows of a globe are colatitudes and the columns longitudes")
    size = try fields.optionalInteger(
      "size", in: 2...1000, about: "averages images to this many pixels along each side; not available with labels")
    labelNames = try fields.strings("labelNames", isStyling: true, about: "the names of the labels 0, 1, … in figures")
  }

  var inputs: [InputReference] {
    switch origin {
    case .drawn: []
    case .files(let images, let labels): images + labels.compactMap { $0 }
    }
  }

  /// An image as a measure: points of the surface with mass, the masses, and the labels, if there are any.
  struct Image {
    let points: [Int]
    let shares: [Double]
    let labels: [Int]?
  }

  func load(_ context: RunContext, seed: Int) throws -> (surface: ImageSurface, images: [Image]) {
    let pictures: [(path: String, ink: Matrix, labels: [Int]?)]
    switch origin {
    case .drawn(let drawing):
      pictures = try (0..<drawing.count).map { index in
        let drawn = drawing.picture(index, seed: UInt64(seed))
        return try picture("the drawn image \(index)", drawn.ink) { pixels in
          drawn.labels.map { all in pixels.map { all[$0] } }
        }
      }
    case .files(let images, let labels):
      pictures = try images.enumerated().map { index, reference in
        try picture(context.path(reference), try context.array(reference).matrix) { pixels in
          try labels[index].map {
            try Self.labels(try context.array($0).elements, path: context.path($0), count: pixels.count)
          }
        }
      }
    }
    let (rows, columns) = (pictures[0].ink.rows, pictures[0].ink.columns)
    for (path, ink, _) in pictures where ink.rows != rows || ink.columns != columns {
      throw DataError(
        .unfit, path: path, problem: "has \(ink.rows)×\(ink.columns) pixels, but the first image has \(rows)×\(columns)"
      )
    }
    let surface = ImageSurface(kind: surface, rows: rows, columns: columns)
    return (
      surface,
      pictures.map { picture in
        let (ink, labels) =
          context.relabeling.mirrors ? Self.upsideDown(picture.ink, picture.labels) : (picture.ink, picture.labels)
        return surface.measure(ink, labels: labels)
      }
    )
  }

  /// Checks that an image can be a measure, and returns it with the labels of its pixels above 0.
  private func picture(
    _ path: String, _ matrix: Matrix, labels: ([Int]) throws -> [Int]?
  ) throws -> (path: String, ink: Matrix, labels: [Int]?) {
    if let index = matrix.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      let place = "row \(index / matrix.columns), column \(index % matrix.columns) (from 0)"
      throw DataError(
        .unfit, path: path,
        problem: "holds \(matrix.elements[index]) in \(place), but nonnegative gray values were expected")
    }
    let total = compensatedSum(matrix.elements)
    guard total > 0, total.isFinite else {
      throw DataError(.unfit, path: path, problem: "has no pixel above 0, or its sum overflows")
    }
    let own = try labels(matrix.elements.indices.filter { matrix.elements[$0] > 0 })
    guard let size else { return (path, matrix, own) }
    if own != nil {
      throw ExperimentError(description: "data.size is \(size), but images with labels cannot be averaged")
    }
    return (path, matrix.averaged(to: size), nil)
  }

  /// Returns the rows from bottom to top, with the labels of the pixels above 0 in their new order.
  private static func upsideDown(_ ink: Matrix, _ labels: [Int]?) -> (Matrix, [Int]?) {
    let turned = ink.upsideDown
    guard let labels else { return (turned, nil) }
    func inked(_ matrix: Matrix) -> [Int] { matrix.elements.indices.filter { matrix.elements[$0] > 0 } }
    let byPixel = Dictionary(uniqueKeysWithValues: zip(inked(ink), labels))
    let own = inked(turned).map { pixel in
      byPixel[(ink.rows - 1 - pixel / ink.columns) * ink.columns + pixel % ink.columns] ?? 0
    }
    return (turned, own)
  }

  /// The possible labels; more could not be told apart by color.
  private static let labelRange = 0...63

  private static func labels(_ values: [Double], path: String, count: Int) throws -> [Int] {
    guard values.count == count else {
      throw DataError(
        .unfit, path: path, problem: "has \(values.count) labels, but its image has \(count) pixels above 0")
    }
    return try values.enumerated().map { index, value in
      guard let label = Int(exactly: value), labelRange.contains(label) else {
        throw DataError(
          .unfit, path: path,
          problem: "holds the label \(value) at index \(index) (from 0), but whole numbers from 0 to 63 were expected")
      }
      return label
    }
  }
}

extension Matrix {
  /// Returns the means over side × side rectangles of equal area.
  fileprivate func averaged(to side: Int) -> Matrix {
    /// Returns how much of each old cell lies in the new cell k, as row k.
    func shares(_ count: Int) -> Matrix {
      let width = Double(count) / Double(side)
      return Matrix(rows: side, columns: count) { k, i in
        max(min(Double(i + 1), Double(k + 1) * width) - max(Double(i), Double(k) * width), 0) / width
      }
    }
    return shares(rows) * self * shares(columns).transposed
  }
}

import Datasets
import Documents
import Foundation
import LinearAlgebra

/// Two or more images as measures on their pixels, each pixel with a label or none.
struct ImageData: Sendable {
  private enum Origin: Sendable {
    case strokes(height: Int, digits: [Int])
    /// Labels of an image at its index, nil where it has none.
    case files(images: [InputReference], labels: [InputReference?])
  }

  private let origin: Origin
  let labelNames: [String]
  private static let most = 10

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "drawn images instead of files") {
      enum Pair: String, CaseIterable {
        case ninetyEight = "98"
        case eightyOne = "81"
        case ninety = "90"
      }
      let pair: Pair = try generator.choice("digits", about: "two digits, drawn twice in different hands")
      let height = try generator.integer("height", default: 16, in: 8...200, about: "pixels")
      origin = .strokes(height: height, digits: pair.rawValue.compactMap(\.wholeNumberValue))
    } else {
      var images: [InputReference] = []
      for index in 0..<Self.most {
        let about = "a matrix of non-negative grey values; two images at least"
        let isNeeded = index < 2
        let own = isNeeded ? try fields.fieldsOrEmpty("image\(index)", about: about) : try fields.fields("image\(index)", about: about)
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
    labelNames = try fields.strings("labelNames", isStyling: true, about: "how figures call the labels 0, 1, …")
  }

  var inputs: [InputReference] {
    switch origin {
    case .strokes: []
    case .files(let images, let labels): images + labels.compactMap { $0 }
    }
  }

  /// An image as a measure: pixels with mass in row-major order, their shares, and their labels where there are any.
  struct Image {
    let rows: Int
    let columns: Int
    let pixels: [Int]
    let shares: [Double]
    let labels: [Int]?
  }

  func load(_ context: RunContext, seed: Int) throws -> [Image] {
    switch origin {
    case .strokes(let height, let digits):
      return try (0..<2).map { index in
        let matrix = StrokeDigits(height: height, digits: digits, seed: UInt64(seed) &+ UInt64(index)).image
        return try Self.image(matrix, path: "the drawn image") { $0.map { $0 % matrix.columns < matrix.columns / 2 ? 1 : 0 } }
      }
    case .files(let images, let labels):
      let path = { (reference: InputReference) in context.inputs[reference.role] ?? reference.role }
      let loaded = try images.enumerated().map { index, reference in
        let matrix = try NumericArray.read(path(reference), dataset: reference.dataset).matrix
        return try Self.image(matrix, path: path(reference)) { pixels in
          try labels[index].map { try Self.labels(path($0), dataset: $0.dataset, count: pixels.count) }
        }
      }
      for (image, reference) in zip(loaded, images) where image.rows != loaded[0].rows || image.columns != loaded[0].columns {
        throw DataError(
          .unfit, path: path(reference),
          problem: "has \(image.rows)×\(image.columns) pixels, but the first image has \(loaded[0].rows)×\(loaded[0].columns)")
      }
      return loaded
    }
  }

  private static func image(_ matrix: Matrix, path: String, labels: ([Int]) throws -> [Int]?) throws -> Image {
    if let index = matrix.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      let place = "row \(index / matrix.columns), column \(index % matrix.columns) (from 0)"
      throw DataError(
        .unfit, path: path, problem: "holds \(matrix.elements[index]) in \(place), but grey values of 0 and more were expected")
    }
    let pixels = matrix.elements.indices.filter { matrix.elements[$0] > 0 }
    let total = compensatedSum(matrix.elements)
    guard total > 0, total.isFinite else {
      throw DataError(.unfit, path: path, problem: "has no pixel above 0, or more ink than a number holds")
    }
    return Image(
      rows: matrix.rows, columns: matrix.columns, pixels: pixels, shares: pixels.map { matrix.elements[$0] / total },
      labels: try labels(pixels))
  }

  /// More labels than there are colours to tell them apart would say nothing.
  private static let labelRange = 0...63

  private static func labels(_ path: String, dataset: String?, count: Int) throws -> [Int] {
    let values = try NumericArray.read(path, dataset: dataset).elements
    guard values.count == count else {
      throw DataError(.unfit, path: path, problem: "has \(values.count) labels, but its image has \(count) pixels above 0")
    }
    return try values.enumerated().map { index, value in
      guard let label = Int(exactly: value), labelRange.contains(label) else {
        throw DataError(
          .unfit, path: path, problem: "holds the label \(value) at index \(index) (from 0), but whole numbers from 0 to 63 were expected")
      }
      return label
    }
  }
}

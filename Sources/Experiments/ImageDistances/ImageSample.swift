import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline

/// Small images of several classes, each rotated and shifted at random on a square of pixels.
struct ImageSample: Sendable {
  private enum Origin: Sendable {
    case drawn(perClass: Int)
    case files(images: InputReference, labels: InputReference, classes: [Int], perClass: Int)
  }

  private let origin: Origin
  /// The pixels along each side of an image before padding, and of the square.
  private let size: Int
  let side: Int
  private let shift: Double

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "drawn shapes instead of files") {
      origin = .drawn(
        perClass: try generator.integer(
          "perClass", default: 4, in: 2...100, about: "images of hearts, of spades, and of camels"))
    } else {
      origin = .files(
        images: try InputReference(
          try fields.fieldsOrEmpty("images", about: "images, n × rows × columns"), role: "data.images"),
        labels: try InputReference(
          try fields.fieldsOrEmpty("labels", about: "the class of each image"), role: "data.labels"),
        classes: try fields.integers("classes", in: 0...1_000_000, about: "the classes to use"),
        perClass: try fields.integer(
          "perClass", default: 10, in: 2...1000, about: "images of each class, the first ones in the file"))
    }
    size = try fields.integer(
      "size", default: 14, in: 4...100, about: "pixels along each side to which images are reduced")
    side = try fields.integer(
      "side", default: 20, in: 4...150, about: "pixels along each side of the square that contains them")
    shift = try fields.number(
      "shift", default: 3, in: .from(0, to: 100), about: "the largest shift along each axis, in pixels")
    if side < size { throw fields.error("side", "is \(side), but at least size (\(size)) was expected") }
  }

  var inputs: [InputReference] {
    if case .files(let images, let labels, _, _) = origin { [images, labels] } else { [] }
  }

  /// Images of mass 1 ordered by class, and the end of each class.
  struct Pictures {
    let images: [Matrix]
    let classes: [Int]
    let names: [String]
  }

  func load(_ context: RunContext, seed: Int) throws -> Pictures {
    let (raw, classes, names) = try pictures(context, seed: seed)
    var random = SeededGenerator(seed: UInt64(seed), stream: "turns")
    let images = try raw.enumerated().map { index, picture in
      let angle = random.uniform(in: 0...(2 * .pi))
      let (dx, dy) = (random.uniform(in: -shift...shift), random.uniform(in: -shift...shift))
      let moved = moved(reduced(picture), angle: angle, dx: dx, dy: dy)
      let total = compensatedSum(moved.elements)
      guard total > 0 else {
        throw ExperimentError(description: "image \(index) (from 0) is empty after rotation and shift")
      }
      return moved.map { $0 / total }
    }
    return Pictures(images: images, classes: classes, names: names)
  }

  private func pictures(_ context: RunContext, seed: Int) throws -> ([Matrix], [Int], [String]) {
    switch origin {
    case .drawn(let perClass):
      let shapes: [DrawnShape] = [.heart, .spade, .camel]
      let images = shapes.flatMap { shape in
        (0..<perClass).map { shape.picture(rows: 2 * size, columns: 2 * size, seed: UInt64(seed) &+ UInt64($0)).ink }
      }
      return (
        images, shapes.indices.flatMap { [Int](repeating: $0, count: perClass) }, shapes.map { "\($0.rawValue)s" }
      )
    case .files(let images, let labels, let classes, let perClass):
      let sets = try PictureFiles(images, labels, context).pictures(classes, perClass: perClass, atLeast: size)
      let own = sets.indices.flatMap { position in [Int](repeating: position, count: perClass) }
      return (sets.flatMap { $0 }, own, classes.map { "class \($0)" })
    }
  }

  /// Returns the means over blocks of pixels.
  private func reduced(_ picture: Matrix) -> Matrix {
    Matrix(rows: size, columns: size) { i, j in
      let (rows, columns) = (
        i * picture.rows / size..<(i + 1) * picture.rows / size,
        j * picture.columns / size..<(j + 1) * picture.columns / size
      )
      var sum = 0.0
      for row in rows { for column in columns { sum += picture[row, column] } }
      return sum / Double(rows.count * columns.count)
    }
  }

  /// Returns the image rotated about its center and shifted, by bilinear interpolation.
  private func moved(_ picture: Matrix, angle: Double, dx: Double, dy: Double) -> Matrix {
    let (middle, own) = (Double(side - 1) / 2, Double(size - 1) / 2)
    func ink(_ row: Int, _ column: Int) -> Double {
      (0..<size).contains(row) && (0..<size).contains(column) ? picture[row, column] : 0
    }
    return Matrix(rows: side, columns: side) { i, j in
      let (x, y) = (Double(j) - middle - dx, Double(i) - middle - dy)
      let (u, v) = (own + cos(angle) * x + sin(angle) * y, own - sin(angle) * x + cos(angle) * y)
      let (row, column) = (Int(v.rounded(.down)), Int(u.rounded(.down)))
      let (a, b) = (v - Double(row), u - Double(column))
      return (1 - a) * ((1 - b) * ink(row, column) + b * ink(row, column + 1)) + a
        * ((1 - b) * ink(row + 1, column) + b * ink(row + 1, column + 1))
    }
  }
}

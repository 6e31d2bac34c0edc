import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline

/// Images of two classes: digits, half of them with noise, or drawn squares of two sizes, sampled at some pixels.
struct ImageGraphData: Sendable {
  private enum Origin: Sendable {
    case files(images: InputReference, labels: InputReference, classes: [Int], noise: Double, noisyShare: Double)
    case squares(side: Int, count: Int, sizes: [Int], pixels: Int)
  }

  private let origin: Origin
  let perClass: Int

  init(_ fields: Fields) throws(DocumentError) {
    if let squares = try fields.fields("squares", about: "drawn squares instead of files") {
      let side = try squares.integer("side", default: 40, in: 8...500, about: "pixels along each side of the image")
      let sizes = try squares.integers(
        "sizes", default: [3, 5], in: 1...100, about: "pixels along each side of the squares, for both classes")
      let count = try squares.integer("count", default: 4, in: 1...20, about: "squares in an image; they do not touch")
      origin = .squares(
        side: side, count: count, sizes: sizes,
        pixels: try squares.integer(
          "pixels", default: side * side, in: 1...side * side, about: "randomly drawn pixels of the image"))
      if sizes.count != 2 { throw squares.error("sizes", "has \(sizes.count) numbers, but two were expected") }
    } else {
      let digits = try fields.fieldsOrEmpty("digits", about: "images in files")
      let classes = try digits.integers("classes", default: [1, 7], in: 0...1_000_000, about: "the two classes to use")
      origin = .files(
        images: try InputReference(
          try digits.fieldsOrEmpty("images", about: "images, n × rows × columns"), role: "data.digits.images"),
        labels: try InputReference(
          try digits.fieldsOrEmpty("labels", about: "the class of each image"), role: "data.digits.labels"),
        classes: classes,
        noise: try digits.number(
          "noise", default: 0.1, in: .from(0, to: 10),
          about: "the standard deviation of the noise on pixels between 0 and 1; negative ink becomes 0"
        ),
        noisyShare: try digits.number(
          "noisyShare", default: 0.5, in: .from(0, to: 1), about: "the fraction of images that get noise"))
      if classes.count != 2 { throw digits.error("classes", "has \(classes.count) numbers, but two were expected") }
    }
    perClass = try fields.integer(
      "perClass", default: 100, in: 5...100_000, about: "images of each class, the first ones in the file")
  }

  var inputs: [InputReference] {
    if case .files(let images, let labels, _, _, _) = origin { [images, labels] } else { [] }
  }

  struct Pictures: Sendable {
    /// The ink of the images, with the first class first.
    var images: [Matrix] = []
    /// The sampled pixels; nil for all.
    var pixels: [[Int]?] = []
    /// The class of each image, 0 or 1.
    var classes: [Int] = []
    var areNoisy: [Bool] = []
    /// The first image of each class without noise, with all its pixels.
    var clean: [Matrix] = []
  }

  func load(_ context: RunContext, seed: Int) throws -> Pictures {
    switch origin {
    case .squares(let side, let count, let sizes, let pixels): try drawn(side, count, sizes, pixels, seed: UInt64(seed))
    case .files(let images, let labels, let classes, let noise, let share):
      try read(images, labels, classes, noise, share, context, seed: UInt64(seed))
    }
  }

  private func drawn(_ side: Int, _ count: Int, _ sizes: [Int], _ sampled: Int, seed: UInt64) throws -> Pictures {
    var (result, random) = (Pictures(), SeededGenerator(seed: seed, stream: "squares"))
    for (position, size) in sizes.enumerated() {
      for index in 0..<perClass {
        let ink = try picture(side, count, size, &random)
        if index == 0 { result.clean.append(ink) }
        result.images.append(ink)
        result.pixels.append(Array(random.permutation(side * side).prefix(sampled)))
        result.classes.append(position)
        result.areNoisy.append(false)
      }
    }
    return result
  }

  /// Draws squares of one size, each with a brightness of its own, at least one pixel apart.
  private func picture(_ side: Int, _ count: Int, _ size: Int, _ random: inout SeededGenerator) throws -> Matrix {
    for _ in 0..<1000 {
      var (ink, corners) = (Matrix(rows: side, columns: side), [(Int, Int)]())
      for _ in 0..<200 where corners.count < count && size < side {
        let corner = (random.integer(below: side - size + 1), random.integer(below: side - size + 1))
        guard corners.allSatisfy({ max(abs($0.0 - corner.0), abs($0.1 - corner.1)) > size }) else { continue }
        corners.append(corner)
        let brightness = random.uniform(in: 0.5...1)
        for i in corner.0..<corner.0 + size { for j in corner.1..<corner.1 + size { ink[i, j] = brightness } }
      }
      if corners.count == count { return ink }
    }
    throw ExperimentError(
      description:
        "\(count) squares of side \(size) do not fit into an image of \(side)×\(side) pixels without touching")
  }

  private func read(
    _ images: InputReference, _ labels: InputReference, _ classes: [Int], _ noise: Double, _ share: Double,
    _ context: RunContext,
    seed: UInt64
  ) throws -> Pictures {
    let sets = try PictureFiles(images, labels, context).pictures(classes, perClass: perClass)
    let scale = sets.joined().reduce(0) { max($0, $1.elements.max() ?? 0) }
    guard scale > 0 else { throw ExperimentError(description: "\(images.role) holds no ink") }
    var (result, random) = (Pictures(), SeededGenerator(seed: seed, stream: "picture noise"))
    for (position, set) in sets.enumerated() {
      // The first image of a class gets no noise, since images are compared with it.
      let noisy = Set(random.permutation(set.count - 1).prefix(Int(share * Double(set.count))).map { $0 + 1 })
      for (index, picture) in set.enumerated() {
        var ink = picture.map { $0 / scale }
        if index == 0 { result.clean.append(ink) }
        if noisy.contains(index) { ink = ink.map { $0 + noise * random.normal() } }
        result.images.append(ink)
        result.pixels.append(nil)
        result.classes.append(position)
        result.areNoisy.append(noisy.contains(index))
      }
    }
    return result
  }
}

import Datasets
import Documents
import LinearAlgebra

/// Images that are drawn instead of read.
struct DrawnImages: Sendable {
  enum Motif: String, CaseIterable {
    case digits98 = "digits-98"
    case digits81 = "digits-81"
    case digits90 = "digits-90"
    case hearts
    case spadeHeart = "spade-heart"
    case camels
    case land
  }

  let motif: Motif
  let height: Int
  let count: Int

  init(_ fields: Fields) throws(DocumentError) {
    motif = try fields.choice("motif", about: "the drawn motif, different in each image; digits and camels have labels")
    height = try fields.integer("height", default: 16, in: 8...200, about: "the height of the images in pixels")
    count = try fields.integer("count", default: 2, in: 2...10, about: "the number of images")
  }

  /// Returns an image and the labels of all its pixels, if it has labels.
  func picture(_ index: Int, seed: UInt64) -> (ink: Matrix, labels: [Int]?) {
    let seed = seed &+ UInt64(index)
    switch motif {
    case .digits98: return digits([9, 8], seed)
    case .digits81: return digits([8, 1], seed)
    case .digits90: return digits([9, 0], seed)
    case .hearts: return (DrawnShape.heart.picture(rows: height, columns: height, seed: seed).ink, nil)
    case .spadeHeart:
      return ((index % 2 == 0 ? DrawnShape.spade : .heart).picture(rows: height, columns: height, seed: seed).ink, nil)
    case .camels:
      let camel = DrawnShape.camel.picture(rows: height, columns: height, seed: seed)
      return (camel.ink, camel.labels)
    case .land: return (DrawnShape.land.picture(rows: height, columns: height, seed: seed).ink, nil)
    }
  }

  /// Draws two digits; the left digit has label 1 and the right one label 0, as the paper colors them.
  private func digits(_ digits: [Int], _ seed: UInt64) -> (Matrix, [Int]?) {
    let image = StrokeDigits(height: height, digits: digits, seed: seed).image
    return (image, image.elements.indices.map { $0 % image.columns < image.columns / 2 ? 1 : 0 })
  }
}

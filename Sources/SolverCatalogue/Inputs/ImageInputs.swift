import Documents
import LinearAlgebra

// Images as measures on their pixels, which both barycenter solvers read.

extension InputDescription {
  static let mostImages = 10

  static let images = (0..<mostImages).map {
    InputDescription("image\($0)", "h×w or a PNG", "one grayscale image; color channels are averaged")
  }
}

extension Fields {
  func inverted() throws(DocumentError) -> Bool {
    try bool("inverted", default: false, about: "whether dark pixels carry the mass, as ink on white paper does")
  }
}

extension ProblemInputs {
  /// The names of the images that were given one by one.
  var imageNames: [String] { InputDescription.images.map(\.name).filter(contains) }

  /// Reads images of equal size, from one array or one by one, as gray values.
  ///
  /// - Parameters:
  ///   - all: the name of the array that holds all images.
  ///   - least: the smallest number of images.
  ///   - isInverted: whether dark pixels carry the mass.
  /// - Returns: one matrix per image.
  /// - Throws: `InputError` if there are too few images, they differ in size, or they contain values that are not
  ///   gray values.
  func images(_ all: String, atLeast least: Int, isInverted: Bool) throws -> [Matrix] {
    var found: [(name: String, array: NumericArray, place: String)] = []
    if let (array, place) = try array(all) {
      try refusePicture(array, named: all, place: place)
      guard array.shape.count == 3 else {
        throw InputError(place: place, problem: "'\(all)' is \(array.shapeText), but images (s×h×w) were expected")
      }
      let size = array.shape[1] * array.shape[2]
      for index in 0..<array.shape[0] {
        let part = NumericArray(
          shape: Array(array.shape[1...]), elements: Array(array.elements[index * size..<(index + 1) * size]))
        found.append(("\(all)[\(index)]", part, place))
      }
    }
    for name in imageNames {
      if let (array, place) = try array(name) { found.append((name, array, place)) }
    }
    if found.count < least {
      throw missing("\(least == 1 ? "images" : "at least two images"), as \(all) (s×h×w) or as image0, image1, …")
    }
    let images = try found.map { name, array, place in
      try image(array, name: name, place: place, isInverted: isInverted)
    }
    for (image, origin) in zip(images, found) where image.rows != images[0].rows || image.columns != images[0].columns {
      throw InputError(
        place: origin.place,
        problem:
          """
          '\(origin.name)' has \(image.rows)×\(image.columns) pixels, but '\(found[0].name)' has \
          \(images[0].rows)×\(images[0].columns)
          """
      )
    }
    return images
  }

  /// Refuses a single picture in place of several images or measures, though its rows could be mistaken for them.
  func refusePicture(_ array: NumericArray, named name: String, place: String) throws(InputError) {
    guard place.lowercased().hasSuffix(".png") else { return }
    let pixels = array.shape.prefix(2).map(String.init).joined(separator: "×")
    throw InputError(
      place: place,
      problem:
        """
        is a single image of \(pixels) pixels, but '\(name)' must hold several images; give them one by one as \
        image0=…, image1=…
        """
    )
  }

  private func image(_ array: NumericArray, name: String, place: String, isInverted: Bool) throws -> Matrix {
    guard array.shape.count == 2 || array.shape.count == 3 && (1...4).contains(array.shape[2]), !array.elements.isEmpty
    else {
      throw InputError(
        place: place, problem: "'\(name)' is \(array.shapeText), but an image (h×w, or h×w×channels) was expected")
    }
    if let index = array.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw InputError(
        place: place,
        problem:
          """
          '\(name)' holds \(array.elements[index]) at index \(index) (counted from 0), but nonnegative gray values \
          were expected
          """
      )
    }
    let channels = array.shape.count == 3 ? array.shape[2] : 1
    // With two or four channels, the last one is the opacity.
    let colors = channels == 2 || channels == 4 ? channels - 1 : channels
    let largest = array.elements.max() ?? 0
    let image = Matrix(rows: array.shape[0], columns: array.shape[1]) { i, j in
      let start = (i * array.shape[1] + j) * channels
      let gray = (0..<colors).reduce(0) { $0 + array.elements[start + $1] } / Double(colors)
      let opacity = colors < channels && largest > 0 ? array.elements[start + colors] / largest : 1
      return (isInverted ? largest - gray : gray) * opacity
    }
    let total = compensatedSum(image.elements)
    guard total > 0, total.isFinite else {
      throw InputError(place: place, problem: "'\(name)' has no pixel above 0, or a sum that overflows")
    }
    if image.hasBrightBorder {
      let remedy =
        isInverted
        ? "inverted=false uses the bright pixels" : "if it is ink on paper, inverted=true uses the dark pixels"
      note("\(place): most of the mass of '\(name)' is at its border, as with white paper; \(remedy)")
    }
    return image
  }
}

extension Matrix {
  /// Whether the border holds the most mass: at least nine tenths of the largest value on average, and more than the
  /// image as a whole.
  fileprivate var hasBrightBorder: Bool {
    guard rows > 2, columns > 2, let largest = elements.max() else { return false }
    var (border, whole) = (0.0, 0.0)
    for i in 0..<rows {
      for j in 0..<columns {
        whole += self[i, j]
        if i == 0 || j == 0 || i == rows - 1 || j == columns - 1 { border += self[i, j] }
      }
    }
    border /= Double(2 * (rows + columns) - 4)
    return border >= 0.9 * largest && border > whole / Double(elements.count)
  }
}

import Datasets
import LinearAlgebra
import Pipeline

/// Images with a class each, from two files.
struct PictureFiles {
  private let images: InputReference
  private let labels: InputReference
  private let context: RunContext

  init(_ images: InputReference, _ labels: InputReference, _ context: RunContext) {
    (self.images, self.labels, self.context) = (images, labels, context)
  }

  /// Returns the first images of each class.
  ///
  /// - Parameters:
  ///   - classes: the classes.
  ///   - perClass: the number of images of each class.
  ///   - size: the smallest number of pixels along each side.
  /// - Returns: The images of each class.
  /// - Throws: `DataError` if shapes do not fit, a class has too few images, or an image has negative or infinite
  ///   values.
  func pictures(_ classes: [Int], perClass: Int, atLeast size: Int = 1) throws -> [[Matrix]] {
    let (array, path) = (try context.array(images), (images: context.path(images), labels: context.path(labels)))
    guard array.shape.count == 3, array.shape[1] >= size, array.shape[2] >= size else {
      throw DataError(
        .unfit, path: path.images,
        problem: "has the shape \(array.shapeText), but images of at least \(size)×\(size) pixels were expected")
    }
    let known = try context.array(labels).elements
    guard known.count == array.shape[0] else {
      throw DataError(
        .unfit, path: path.labels, problem: "has \(known.count) labels, but there are \(array.shape[0]) images")
    }
    let block = array.shape[1] * array.shape[2]
    return try classes.map { name in
      let members = known.indices.filter { known[$0] == Double(name) }.prefix(perClass)
      guard members.count == perClass else {
        throw DataError(
          .unfit, path: path.labels, problem: "has \(members.count) of class \(name), but \(perClass) were expected")
      }
      return try members.map { member in
        let ink = Array(array.elements[member * block..<(member + 1) * block])
        if ink.contains(where: { !($0 >= 0 && $0.isFinite) }) {
          throw DataError(
            .unfit, path: path.images, problem: "image \(member) holds a value that is negative or not finite")
        }
        return Matrix(rows: array.shape[1], columns: array.shape[2], elements: ink)
      }
    }
  }
}

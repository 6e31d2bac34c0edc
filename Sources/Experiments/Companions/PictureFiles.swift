import Datasets
import LinearAlgebra

/// Pictures with a class each, from two files of the user's or the catalogue's.
struct PictureFiles {
  private let images: (path: String, dataset: String?)
  private let labels: (path: String, dataset: String?)

  init(_ images: InputReference, _ labels: InputReference, _ context: RunContext) {
    self.images = (context.inputs[images.role] ?? images.role, images.dataset)
    self.labels = (context.inputs[labels.role] ?? labels.role, labels.dataset)
  }

  /// The first `perClass` pictures of each class, as they are.
  ///
  /// - Parameter size: the fewest pixels a side.
  /// - Throws: `DataError` when shapes do not fit, there are too few of a class, or a picture holds what is no ink.
  func pictures(_ classes: [Int], perClass: Int, atLeast size: Int = 1) throws -> [[Matrix]] {
    let array = try NumericArray.read(images.path, dataset: images.dataset)
    guard array.shape.count == 3, array.shape[1] >= size, array.shape[2] >= size else {
      throw DataError(
        .unfit, path: images.path,
        problem: "has the shape \(array.shapeText), but pictures of at least \(size)×\(size) pixels were expected")
    }
    let known = try NumericArray.read(labels.path, dataset: labels.dataset).elements
    guard known.count == array.shape[0] else {
      throw DataError(.unfit, path: labels.path, problem: "has \(known.count) labels, but there are \(array.shape[0]) pictures")
    }
    let block = array.shape[1] * array.shape[2]
    return try classes.map { name in
      let members = known.indices.filter { known[$0] == Double(name) }.prefix(perClass)
      guard members.count == perClass else {
        throw DataError(.unfit, path: labels.path, problem: "has \(members.count) of class \(name), but \(perClass) were expected")
      }
      return try members.map { member in
        let ink = Array(array.elements[member * block..<(member + 1) * block])
        if ink.contains(where: { !($0 >= 0 && $0.isFinite) }) {
          throw DataError(.unfit, path: images.path, problem: "picture \(member) holds a value that is negative or not finite")
        }
        return Matrix(rows: array.shape[1], columns: array.shape[2], elements: ink)
      }
    }
  }
}

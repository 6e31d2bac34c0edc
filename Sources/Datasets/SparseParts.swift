import LinearAlgebra

/// A sparse matrix as AnnData files hold it, in a group of three datasets: the entries, the column (or row) of each, and where each row's (or column's)
/// entries begin.
struct SparseParts {
  static let names = ["data", "indices", "indptr"]
  /// 4 GiB of numbers.
  private static let largestCount = 1 << 29

  let data: [Double]
  let indices: [Double]
  /// One more than there are rows (or columns).
  let starts: [Double]
  /// Rows and columns, where the file says them.
  let shape: [Int]?
  /// Compressed by columns (CSC) and not by rows (CSR).
  let isByColumns: Bool

  /// The matrix with all its zeros.
  ///
  /// - Throws: `DataError` when the parts don't fit each other.
  func dense(place: String, path: String) throws(DataError) -> NumericArray {
    func problem(_ text: String) -> DataError { DataError(path: path, problem: "\(place) \(text)") }
    let lines = starts.count - 1
    guard lines >= 0, data.count == indices.count, starts.first == 0, starts.last == Double(data.count) else {
      throw problem(
        "holds \(data.count) entries, \(indices.count) indices and \(starts.count) starts up to \(starts.last ?? 0), which make no sparse matrix"
      )
    }
    let shape = shape ?? [lines, Int(exactly: (indices.max() ?? -1) + 1) ?? -1]
    let width = isByColumns ? shape[0] : shape[1]
    guard shape.count == 2, shape.allSatisfy({ $0 >= 0 }), (isByColumns ? shape[1] : shape[0]) == lines else {
      throw problem(
        "claims the shape \(shape.map(String.init).joined(separator: "×")), but has \(lines) \(isByColumns ? "columns" : "rows")")
    }
    guard let count = NumericArray.count(ofShape: shape), count <= Self.largestCount else {
      throw problem(
        "claims the shape \(shape.map(String.init).joined(separator: "×")), too many numbers with their zeros; reduce them first, as to principal components"
      )
    }
    let held = 8 * Double(data.count + indices.count + starts.count)
    try ReaderMemory.require(8 * Double(count), besides: held, of: path, subject: place)
    var elements = [Double](repeating: 0, count: count)
    for line in 0..<lines {
      guard starts[line] <= starts[line + 1], starts[line] >= 0, starts[line + 1] <= Double(data.count) else {
        throw problem("has entries of line \(line) (from 0) that end before they begin")
      }
      for entry in Int(starts[line])..<Int(starts[line + 1]) {
        guard let index = Int(exactly: indices[entry]), (0..<width).contains(index) else {
          throw problem("has the index \(indices[entry]) in entry \(entry) (from 0), but 0 to \(width - 1) was expected")
        }
        elements[isByColumns ? index * shape[1] + line : line * shape[1] + index] += data[entry]
      }
    }
    return NumericArray(shape: shape, elements: elements)
  }
}

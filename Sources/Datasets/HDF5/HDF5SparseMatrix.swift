import CHDF5
import LinearAlgebra

/// A sparse matrix as AnnData and 10x files hold it, in a group of three datasets: the entries, the column (or row) of each, and where each row's (or column's)
/// entries begin.
struct HDF5SparseMatrix {
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

extension HDF5Group {
  /// The matrix that `data`, `indices` and `indptr` make, as AnnData and 10x write them, with all its zeros.
  func sparse(_ notes: Notes) throws(DataError) -> NumericArray {
    let starts = try member("indptr", notes).elements
    let layout = try layout(starts: starts.count, notes)
    return try HDF5SparseMatrix(
      data: member("data", notes).elements, indices: member("indices", notes).elements, starts: starts, shape: layout.shape,
      isByColumns: layout.isByColumns
    ).dense(place: "group '\(name)'", path: file.path)
  }

  /// What the three parts are to be read as.
  ///
  /// - Parameter starts: how many there are, one more than rows (or columns).
  /// - Throws: `DataError` when an attribute that says it cannot be understood: the wrong reading of a square matrix is its transpose.
  func layout(starts: Int, _ notes: Notes) throws(DataError) -> (shape: [Int]?, isByColumns: Bool) {
    var encoding: String?
    for attribute in ["encoding-type", "h5sparse_format"] where encoding == nil {
      encoding = try file.text(of: name, attribute: attribute)
    }
    let shape = try shape(notes)
    switch encoding {
    case "csr_matrix"?, "csr"?: return (shape, false)
    case "csc_matrix"?, "csc"?: return (shape, true)
    case let other?: throw problem("has the encoding '\(other.prefix(40))', but csr_matrix or csc_matrix was expected")
    case nil: break
    }
    let members = file.children(handle)
    if let shape, members.contains("shape"), ["barcodes", "features", "genes", "gene_names"].contains(where: members.contains) {
      notes.add("\(file.path): '\(name)' is a matrix as 10x writes it and is read as \(shape[1]) cells × \(shape[0]) features")
      return (shape.reversed(), false)
    }
    if let shape, shape[0] != shape[1], shape.contains(starts - 1) { return (shape, shape[1] == starts - 1) }
    notes.add("\(file.path): '\(name)' does not say its encoding-type; its entries are taken as stored by rows")
    return (shape, false)
  }

  /// Rows and columns, as an attribute or a dataset says them.
  private func shape(_ notes: Notes) throws(DataError) -> [Int]? {
    for attribute in ["shape", "h5sparse_shape"] where file.hasAttribute(attribute, of: name) {
      guard let shape = file.counts(of: name, attribute: attribute), shape.count == 2 else {
        throw problem("has an attribute '\(attribute)' that is not two whole numbers")
      }
      return shape
    }
    guard file.children(handle).contains("shape") else { return nil }
    let shape = try member("shape", notes).elements.map { Int(exactly: $0) ?? -1 }
    guard shape.count == 2 else { throw problem("has a 'shape' of \(shape.count) numbers, but two were expected") }
    return shape
  }
}

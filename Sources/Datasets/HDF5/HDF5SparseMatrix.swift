import CHDF5
import LinearAlgebra

/// A sparse matrix as AnnData and 10x store it: the entries, the column (or row) of each, and where each row (or
/// column) begins.
struct HDF5SparseMatrix {
  static let names = ["data", "indices", "indptr"]
  /// The largest dense matrix that is made, 4 GiB of numbers.
  private static let largestCount = 1 << 29

  let data: [Double]
  let indices: [Double]
  /// The first entry of each row (or column); one more than there are rows (or columns).
  let starts: [Double]
  /// The number of rows and columns, if the file says it.
  let shape: [Int]?
  /// Whether entries are stored by columns (CSC) or by rows (CSR).
  let isByColumns: Bool

  /// Returns the matrix as a dense array, or throws `DataError` if its parts do not fit together.
  func dense(place: String, path: String) throws(DataError) -> NumericArray {
    func problem(_ text: String) -> DataError { DataError(path: path, problem: "\(place) \(text)") }
    let lines = starts.count - 1
    guard lines >= 0, data.count == indices.count, starts.first == 0, starts.last == Double(data.count) else {
      throw problem(
        """
        holds \(data.count) entries, \(indices.count) indices and \(starts.count) starts up to \(starts.last ?? 0), \
        which do not form a sparse matrix
        """
      )
    }
    let shape = shape ?? [lines, Int(exactly: (indices.max() ?? -1) + 1) ?? -1]
    let width = isByColumns ? shape[0] : shape[1]
    guard shape.count == 2, shape.allSatisfy({ $0 >= 0 }), (isByColumns ? shape[1] : shape[0]) == lines else {
      throw problem(
        """
        claims the shape \(shape.map(String.init).joined(separator: "×")), but has \(lines) \
        \(isByColumns ? "columns" : "rows")
        """
      )
    }
    guard let count = NumericArray.count(ofShape: shape), count <= Self.largestCount else {
      throw problem(
        """
        claims the shape \(shape.map(String.init).joined(separator: "×")), which is too large as a dense matrix; \
        reduce it first, for example to principal components
        """
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
          throw problem(
            "has the index \(indices[entry]) in entry \(entry) (from 0), but 0 to \(width - 1) was expected")
        }
        elements[isByColumns ? index * shape[1] + line : line * shape[1] + index] += data[entry]
      }
    }
    return NumericArray(shape: shape, elements: elements)
  }
}

extension HDF5Group {
  /// Reads the sparse matrix of a group in AnnData or 10x format as a dense array.
  func sparse(_ notes: Notes) throws(DataError) -> NumericArray {
    let starts = try member("indptr", notes).elements
    let layout = try layout(starts: starts.count, notes)
    return try HDF5SparseMatrix(
      data: member("data", notes).elements, indices: member("indices", notes).elements, starts: starts,
      shape: layout.shape,
      isByColumns: layout.isByColumns
    ).dense(place: "group '\(name)'", path: file.path)
  }

  /// Determines how the three parts are to be read.
  ///
  /// - Parameters:
  ///   - starts: the length of `indptr`, one more than there are rows (or columns).
  ///   - notes: collects the assumptions made.
  /// - Returns: The shape, if the file says it, and whether entries are stored by columns.
  /// - Throws: `DataError` if an attribute cannot be understood; a square matrix read the wrong way is its transpose.
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
    if let shape, members.contains("shape"),
      ["barcodes", "features", "genes", "gene_names"].contains(where: members.contains)
    {
      notes.add(
        "\(file.path): '\(name)' is a matrix as 10x writes it and is read as \(shape[1]) cells × \(shape[0]) features")
      return (shape.reversed(), false)
    }
    if let shape, shape[0] != shape[1], shape.contains(starts - 1) { return (shape, shape[1] == starts - 1) }
    notes.add("\(file.path): '\(name)' does not say its encoding-type; it is read as stored by rows (CSR)")
    return (shape, false)
  }

  /// The number of rows and columns that an attribute or a dataset states.
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

import CHDF5
import LinearAlgebra

/// A group whose members make one array, as AnnData and 10x write them.
struct HDF5Group {
  let file: HDF5File
  let handle: HDF5Handle
  let name: String

  enum Form {
    /// `data`, `indices` and `indptr`.
    case sparse
    /// `codes` and `categories`.
    case categories
    /// `values`, and `mask` where there are none.
    case nullable
    /// Columns, named in order by the attribute `column-order`.
    case frame
  }

  /// Nil for a group that only holds others.
  var form: Form? {
    let members = Set(file.children(handle))
    if members.isSuperset(of: SparseParts.names) { return .sparse }
    if file.hasAttribute("column-order", of: name) { return .frame }
    if members.isSuperset(of: ["codes", "categories"]) { return .categories }
    if members.isSuperset(of: ["values", "mask"]) { return .nullable }
    return nil
  }

  private func problem(_ text: String) -> DataError { DataError(path: file.path, problem: "group '\(name)' \(text)") }

  private func ask(_ bytes: Double, besides held: Double) throws(DataError) {
    try ReaderMemory.require(bytes, besides: held, of: file.path, subject: "group '\(name)'")
  }

  private func member(_ part: String, _ notes: Notes) throws(DataError) -> NumericArray {
    try file.dataset("\(name)/\(part)").numbers(notes)
  }

  func read(_ form: Form, _ notes: Notes) throws(DataError) -> NumericArray {
    switch form {
    case .sparse: return try sparse(notes)
    case .categories:
      let codes = try member("codes", notes)
      let missing = codes.elements.count { $0 < 0 }
      if missing > 0 { notes.add("\(file.path): \(missing) of \(codes.elements.count) in '\(name)' have no category and are read as -1") }
      return codes
    case .nullable:
      let (values, mask) = (try member("values", notes), try member("mask", notes))
      guard values.shape == mask.shape else {
        throw problem("has values of the shape \(values.shapeText), but a mask of \(mask.shapeText)")
      }
      let count = values.elements.count
      try ask(8 * Double(count), besides: 16 * Double(count))
      return NumericArray(shape: values.shape, elements: (0..<count).map { mask.elements[$0] == 0 ? values.elements[$0] : .nan })
    case .frame: return try frame(notes)
    }
  }

  func categories() throws(DataError) -> [String] {
    let dataset = try file.dataset("\(name)/categories")
    if let texts = try dataset.texts() { return texts }
    return try dataset.numbers(Notes()).elements.map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
  }

  private var columns: [String] { file.texts(of: name, attribute: "column-order") ?? [] }

  /// The columns of a data frame side by side.
  private func frame(_ notes: Notes) throws(DataError) -> NumericArray {
    let names = columns
    if names.isEmpty { throw problem("is a data frame without columns") }
    var read: [[Double]] = []
    for column in names {
      let path = "\(name)/\(column)"
      guard let (handle, kind) = file.object(path) else { throw problem("has no column '\(column)', which it says it has") }
      let group = kind == .group ? HDF5Group(file: file, handle: handle, name: path) : nil
      if kind == .group, group?.form != .nullable { throw problem("has the column '\(column)', which holds no numbers; name one column") }
      let array = try file.read(path, notes)
      guard array.shape.count == 1, array.elements.count == read.first?.count ?? array.elements.count else {
        throw problem("has the column '\(column)' of the shape \(array.shapeText), but \(read.first?.count ?? 0) numbers were expected")
      }
      read.append(array.elements)
    }
    let (rows, columns) = (read[0].count, read.count)
    try ask(8 * Double(rows * columns), besides: 8 * Double(rows * columns))
    return NumericArray(shape: [rows, columns], elements: (0..<rows * columns).map { read[$0 % columns][$0 / columns] })
  }

  /// Shape and kind in a few words.
  func about(_ form: Form) -> String {
    func shape(_ part: String) -> [Int]? { (try? file.dataset("\(name)/\(part)"))?.shape }
    func text(_ shape: [Int]?) -> String { shape?.map(String.init).joined(separator: "×") ?? "?" }
    switch form {
    case .sparse:
      guard let layout = try? layout(starts: shape("indptr")?.first ?? 0, Notes()) else { return "a sparse matrix that is not readable" }
      return "\(text(layout.shape)) numbers, sparse by \(layout.isByColumns ? "columns" : "rows")"
    case .categories:
      return "\(text(shape("codes"))) categories (\((try? categories()).map(HDF5.enumeration) ?? "not readable"))"
    case .nullable: return "\(text(shape("values"))) numbers, some of them missing"
    case .frame: return "a data frame (\(HDF5.enumeration(columns)))"
    }
  }
}

extension HDF5Group {
  private func sparse(_ notes: Notes) throws(DataError) -> NumericArray {
    let starts = try member("indptr", notes).elements
    let layout = try layout(starts: starts.count, notes)
    return try SparseParts(
      data: member("data", notes).elements, indices: member("indices", notes).elements, starts: starts, shape: layout.shape,
      isByColumns: layout.isByColumns
    ).dense(place: "group '\(name)'", path: file.path)
  }

  /// What the three parts are to be read as.
  ///
  /// - Parameter starts: how many there are, one more than rows (or columns).
  /// - Throws: `DataError` when an attribute that says it cannot be understood: the wrong reading of a square matrix is its transpose.
  private func layout(starts: Int, _ notes: Notes) throws(DataError) -> (shape: [Int]?, isByColumns: Bool) {
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

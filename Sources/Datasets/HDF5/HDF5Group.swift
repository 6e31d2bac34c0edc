import CHDF5
import LinearAlgebra

/// A group whose members form one array, as AnnData and 10x write them.
struct HDF5Group {
  let file: HDF5File
  let handle: HDF5Handle
  let name: String

  enum Form {
    /// A sparse matrix with the members `data`, `indices`, and `indptr`.
    case sparse
    /// A categorical array with the members `codes` and `categories`.
    case categories
    /// An array with missing values: `values`, and a `mask` that is true where a value is missing.
    case nullable
    /// A data frame whose attribute `column-order` names its columns in order.
    case frame
  }

  /// The kind of array that the group forms; nil if it only contains other objects.
  var form: Form? {
    let members = Set(file.children(handle))
    if members.isSuperset(of: HDF5SparseMatrix.names) { return .sparse }
    if file.hasAttribute("column-order", of: name) { return .frame }
    if members.isSuperset(of: ["codes", "categories"]) { return .categories }
    if members.isSuperset(of: ["values", "mask"]) { return .nullable }
    return nil
  }

  func problem(_ text: String) -> DataError { DataError(path: file.path, problem: "group '\(name)' \(text)") }

  private func ask(_ bytes: Double, besides held: Double) throws(DataError) {
    try ReaderMemory.require(bytes, besides: held, of: file.path, subject: "group '\(name)'")
  }

  func member(_ part: String, _ notes: Notes) throws(DataError) -> NumericArray {
    try file.dataset("\(name)/\(part)").numbers(notes)
  }

  func read(_ form: Form, _ notes: Notes) throws(DataError) -> NumericArray {
    switch form {
    case .sparse: return try sparse(notes)
    case .categories:
      let codes = try member("codes", notes)
      let missing = codes.elements.count { $0 < 0 }
      if missing > 0 {
        notes.add(
          "\(file.path): \(missing) of \(codes.elements.count) in '\(name)' have no category and are read as -1")
      }
      return codes
    case .nullable:
      let (values, mask) = (try member("values", notes), try member("mask", notes))
      guard values.shape == mask.shape else {
        throw problem("has values of the shape \(values.shapeText), but a mask of \(mask.shapeText)")
      }
      let count = values.elements.count
      try ask(8 * Double(count), besides: 16 * Double(count))
      return NumericArray(
        shape: values.shape, elements: (0..<count).map { mask.elements[$0] == 0 ? values.elements[$0] : .nan })
    case .frame: return try frame(notes)
    }
  }

  func categories() throws(DataError) -> [String] {
    let dataset = try file.dataset("\(name)/categories")
    if let texts = try dataset.texts() { return texts }
    return try dataset.numbers(Notes()).elements.map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
  }

  private var columns: [String] { file.texts(of: name, attribute: "column-order") ?? [] }

  /// Reads the columns of a data frame side by side.
  private func frame(_ notes: Notes) throws(DataError) -> NumericArray {
    let names = columns
    if names.isEmpty { throw problem("is a data frame without columns") }
    var read: [[Double]] = []
    for column in names {
      let path = "\(name)/\(column)"
      guard let (handle, kind) = file.object(path) else {
        throw problem("has no column '\(column)', which its column-order lists")
      }
      let group = kind == .group ? HDF5Group(file: file, handle: handle, name: path) : nil
      if kind == .group, group?.form != .nullable {
        throw problem("has the column '\(column)', which holds no numbers; name one column")
      }
      let array = try file.read(path, notes)
      guard array.shape.count == 1, array.elements.count == read.first?.count ?? array.elements.count else {
        throw problem(
          """
          has the column '\(column)' of the shape \(array.shapeText), but \(read.first?.count ?? 0) numbers were \
          expected
          """
        )
      }
      read.append(array.elements)
    }
    let (rows, columns) = (read[0].count, read.count)
    try ask(8 * Double(rows * columns), besides: 8 * Double(rows * columns))
    return NumericArray(
      shape: [rows, columns], elements: (0..<rows * columns).map { read[$0 % columns][$0 / columns] })
  }

  /// Returns the shape and type of the group's array in a few words.
  func about(_ form: Form) -> String {
    func shape(_ part: String) -> [Int]? { (try? file.dataset("\(name)/\(part)"))?.shape }
    func text(_ shape: [Int]?) -> String { shape?.map(String.init).joined(separator: "×") ?? "?" }
    switch form {
    case .sparse:
      guard let layout = try? layout(starts: shape("indptr")?.first ?? 0, Notes()) else {
        return "a sparse matrix that is not readable"
      }
      return "\(text(layout.shape)) numbers, sparse by \(layout.isByColumns ? "columns" : "rows")"
    case .categories:
      return "\(text(shape("codes"))) categories (\((try? categories()).map(HDF5.enumeration) ?? "not readable"))"
    case .nullable: return "\(text(shape("values"))) numbers, some of them missing"
    case .frame: return "a data frame (\(HDF5.enumeration(columns)))"
    }
  }
}

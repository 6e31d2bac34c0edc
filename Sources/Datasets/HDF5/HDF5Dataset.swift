import CHDF5
import LinearAlgebra

/// A dataset in an open HDF5 file.
struct HDF5Dataset {
  let handle: HDF5Handle
  let name: String
  let path: String

  private func problem(_ text: String) -> DataError { DataError(path: path, problem: "dataset '\(name)' \(text)") }

  private func type() throws(DataError) -> HDF5Handle {
    try HDF5Handle(H5Dget_type(handle.id), H5Tclose) { problem("has no readable type") }
  }

  /// The size along each axis; throws `DataError` if the dataset has no shape, such as an `h5py.Empty`.
  private func extents() throws(DataError) -> [Int] {
    let space = try HDF5Handle(H5Dget_space(handle.id), H5Sclose) { problem("has no readable shape") }
    if H5Sget_simple_extent_type(space.id) == H5S_NULL {
      throw problem("is empty (it has no shape), but numbers were expected")
    }
    let rank = Int(H5Sget_simple_extent_ndims(space.id))
    guard (0...32).contains(rank) else { throw problem("has no readable shape") }
    var extents = [hsize_t](repeating: 0, count: max(rank, 1))
    _ = H5Sget_simple_extent_dims(space.id, &extents, nil)
    return extents.prefix(rank).map { Int(clamping: $0) }
  }

  private static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }

  /// Reads a dataset of integers, floats, or booleans of rank 0 to 3.
  func numbers(_ notes: Notes) throws(DataError) -> NumericArray {
    let type = try type()
    let form = Form(type)
    guard form.isNumeric else { throw problem("holds \(form.words), but numbers were expected") }
    let shape = try extents()
    guard (0...3).contains(shape.count) else { throw problem("has rank \(shape.count), but 0 to 3 was expected") }
    guard let count = NumericArray.count(ofShape: shape) else {
      throw problem("claims \(Self.text(shape)) elements, which is refused")
    }
    let stored = Int(clamping: H5Dget_storage_size(handle.id))
    let filters = HDF5Filter.all(of: handle)
    let (width, chunk) = (max(1, H5Tget_size(type.id)), chunkCount)
    // Chunks that were never written are legal and take no space, so a dataset without any chunks proves only its
    // claimed size.
    let promised = min(
      Double(count), chunk.map { $0.written > 0 ? Double($0.written) * $0.elements : .infinity } ?? .infinity)
    guard StoredSize(stored).canHold(Int(promised) * width, ratio: filters.map(\.ratio).max() ?? 1100) else {
      throw problem("claims \(Self.text(shape)) elements, but \(stored) bytes are stored, so it is refused")
    }
    try ReaderMemory.require(
      form.bytes(of: count) + 2 * Double(width) * (chunk?.elements ?? 0), of: path, subject: "dataset '\(name)'")
    HDF5.allowTime(forBytes: 8 * count, of: path)
    guard let elements = form.read(handle, type, count) else {
      if let absent = filters.first(where: { !$0.isAvailable }) { throw problem("is \(absent.description)") }
      throw problem("cannot be read (the file is truncated or damaged)")
    }
    for file in HDF5Origin.otherFiles(of: handle, in: path) {
      notes.add(otherFile: file, "\(path): '\(name)' takes its numbers from \(file)")
    }
    if case .codes(let members) = form {
      notes.add("\(path): '\(name)' is read as its codes, which stand for \(HDF5.enumeration(members))")
    }
    return NumericArray(shape: shape, elements: elements)
  }

  /// The number of written chunks and the elements of a chunk, two of which the library holds while decompressing;
  /// nil for other layouts.
  private var chunkCount: (written: Int, elements: Double)? {
    guard let creation = HDF5Handle(H5Dget_create_plist(handle.id), H5Pclose),
      H5Pget_layout(creation.id) == H5D_CHUNKED,
      let space = HDF5Handle(H5Dget_space(handle.id), H5Sclose)
    else { return nil }
    var extents = [hsize_t](repeating: 1, count: 32)
    let rank = Int(H5Pget_chunk(creation.id, Int32(extents.count), &extents))
    var written: hsize_t = 0
    guard rank > 0, H5Dget_num_chunks(handle.id, space.id, &written) >= 0 else { return nil }
    return (Int(clamping: written), extents.prefix(rank).reduce(1) { $0 * Double($1) })
  }

  /// Reads a dataset of texts; nil if the elements are not texts.
  func texts() throws(DataError) -> [String]? {
    guard let type = try? type(), let shape = try? extents(), let count = NumericArray.count(ofShape: shape),
      count <= 1 << 24
    else {
      return nil
    }
    // The texts as stored, and as strings with their overhead.
    let size = H5Tis_variable_str(type.id) > 0 ? 8 : H5Tget_size(type.id)
    try ReaderMemory.require(
      Double(count) * Double(2 * min(size, 1 << 20) + 64), of: path, subject: "dataset '\(name)'")
    return HDF5Text.texts(type, count: count) { H5Dread(handle.id, $0, 0, 0, 0, $1) }
  }

  /// The shape and type in a few words.
  var about: String {
    guard let type = try? type() else { return "not readable" }
    guard let shape = try? extents() else { return "empty" }
    let absent = HDF5Filter.all(of: handle).first { !$0.isAvailable }.map { ", \($0.description)" } ?? ""
    return (shape.isEmpty ? "" : Self.text(shape) + " ") + Form(type).words + absent
  }

  var shape: [Int]? { try? extents() }
}

extension HDF5Dataset {
  /// The type of the elements.
  private enum Form {
    case numbers(isWhole: Bool), booleans
    /// Numbers with names, as in an enumeration.
    case codes([String])
    case texts, others

    init(_ type: HDF5Handle) {
      switch H5Tget_class(type.id) {
      case H5T_INTEGER: self = .numbers(isWhole: true)
      case H5T_FLOAT: self = .numbers(isWhole: false)
      case H5T_STRING: self = .texts
      case H5T_BITFIELD where H5Tget_size(type.id) == 1: self = .booleans
      case H5T_ENUM:
        let members = (0..<UInt32(clamping: min(64, H5Tget_nmembers(type.id)))).map { Self.member($0, of: type) }
        let isBoolean = members.map { $0.name.uppercased() }.sorted() == ["FALSE", "TRUE"]
        self = isBoolean ? .booleans : .codes(members.sorted { $0.value < $1.value }.map { "\($0.name) (\($0.value))" })
      default: self = .others
      }
    }

    private static func member(_ index: UInt32, of type: HDF5Handle) -> (name: String, value: Int64) {
      var value: Int64 = 0
      guard let native = HDF5Handle(H5Tget_native_type(type.id, H5T_DIR_ASCEND), H5Tclose), H5Tget_size(native.id) <= 8,
        H5Tget_member_value(native.id, index, &value) >= 0, let name = H5Tget_member_name(type.id, index)
      else { return ("?", 0) }
      defer { H5free_memory(name) }
      // The value fills the lowest bytes.
      let unused = 64 - 8 * Int64(H5Tget_size(native.id))
      return (String(cString: name), (value << unused) >> unused)
    }

    var isNumeric: Bool {
      switch self {
      case .numbers, .booleans, .codes: true
      case .texts, .others: false
      }
    }

    var words: String {
      switch self {
      case .numbers(let isWhole): isWhole ? "whole numbers" : "numbers"
      case .booleans: "booleans"
      case .codes(let names): "codes of \(HDF5.enumeration(names))"
      case .texts: "texts"
      case .others: "compound or other values"
      }
    }

    /// The memory that `read` needs; codes and numbers are converted in place.
    func bytes(of count: Int) -> Double {
      if case .booleans = self { return 9 * Double(count) }
      return 8 * Double(count)
    }

    func read(_ dataset: HDF5Handle, _ type: HDF5Handle, _ count: Int) -> [Double]? {
      var elements = [Double](repeating: 0, count: count)
      if count == 0 { return elements }
      switch H5Tget_class(type.id) {
      case H5T_ENUM:
        // The library converts enumerations to the integers behind the names, not to floats.
        guard let native = HDF5Handle(H5Tget_native_type(type.id, H5T_DIR_ASCEND), H5Tclose),
          let base = HDF5Handle(H5Tget_super(native.id), H5Tclose), H5Tget_size(base.id) <= 8,
          H5Dread(dataset.id, native.id, 0, 0, 0, &elements) >= 0,
          H5Tconvert(base.id, otlab_h5_native_double(), count, &elements, nil, 0) >= 0
        else { return nil }
        return elements
      case H5T_BITFIELD:
        var bytes = [UInt8](repeating: 0, count: count)
        guard H5Dread(dataset.id, type.id, 0, 0, 0, &bytes) >= 0 else { return nil }
        return bytes.map(Double.init)
      default:
        guard H5Dread(dataset.id, otlab_h5_native_double(), 0, 0, 0, &elements) >= 0 else { return nil }
        // A conversion may leave a payload in a NaN, which would be printed.
        for index in elements.indices where elements[index].isNaN { elements[index] = .nan }
        return elements
      }
    }
  }
}

import CGuard
import CHDF5
import Documents
import Foundation

/// Reading and writing numeric datasets in HDF5 files.
///
/// No handle of the library leaves this file, and one lock stands around each whole operation: Debian's library is not thread-safe.
public enum HDF5 {
  private static let lock = NSLock()

  /// Reads one dataset of integers or floats of rank 0 to 3, whatever its storage (chunked, compressed, big-endian, single precision), or a group that
  /// holds a sparse matrix as AnnData files do (`SparseParts`).
  ///
  /// - Parameter dataset: its path inside the file, such as `/coupling/plan`; may be nil when the file holds one dataset only.
  /// - Throws: `DataError` that names the file, the dataset, what was found and what was expected.
  public static func read(_ path: String, dataset: String? = nil) throws(DataError) -> NumericArray {
    try guarded(path) { () throws(DataError) in
      let file = try open(path)
      let names = list(file)
      guard let name = dataset.map(trimmed) ?? (names.count == 1 ? names[0] : nil) else {
        throw DataError(path: path, problem: "holds \(names.count) datasets (\(enumeration(names))); name one of them")
      }
      if names.contains(name) { return try read(file, dataset: name, path: path) }
      let parts = SparseParts.names.map { "\(name)/\($0)" }
      guard parts.allSatisfy(names.contains) else {
        throw DataError(path: path, problem: "holds no dataset '\(name)'; it holds \(enumeration(names))")
      }
      let arrays = try parts.map { part throws(DataError) in try read(file, dataset: part, path: path).elements }
      let encoding = ["encoding-type", "h5sparse_format"].lazy.compactMap { try? text(file, of: name, attribute: $0, path: path) }.first
      return try SparseParts(
        data: arrays[0], indices: arrays[1], starts: arrays[2], shape: shape(file, of: name),
        isByColumns: encoding?.hasPrefix("csc") ?? false
      ).dense(place: "group '\(name)'", path: path)
    }
  }

  /// The names of all datasets, in alphabetical order.
  public static func datasets(in path: String) throws(DataError) -> [String] {
    try guarded(path) { () throws(DataError) in list(try open(path)) }
  }

  /// The text of an attribute of the file itself.
  ///
  /// - Throws: `DataError` when the file is unreadable or has no such text.
  public static func text(_ path: String, attribute name: String) throws(DataError) -> String {
    try guarded(path) { () throws(DataError) in try text(try open(path), of: ".", attribute: name, path: path) }
  }

  /// Reads under the lock. The library, which is not ours, crashes on some damaged files and goes round in others for ever; both end the process with
  /// a sentence and the code of an unreadable file. A whole file is never given less than two seconds of processor time for a megabyte.
  private static func guarded<T>(_ path: String, _ read: () throws(DataError) -> T) throws(DataError) -> T {
    lock.lock()
    defer { lock.unlock() }
    let sentence = strdup("error: \(path): the HDF5 library crashed on it, or did not come to an end; the file is damaged\n")
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard_begin(sentence, 66, Int32(clamping: 5 + 2 * (size >> 20)))
    defer {
      guard_end()
      free(sentence)
    }
    return try read()
  }

  private static func text(_ file: Handle, of object: String, attribute name: String, path: String) throws(DataError) -> String {
    let problem = { DataError(path: path, problem: "has no text attribute '\(name)'") }
    let attribute = try Handle(H5Aopen_by_name(file.id, object, name, 0, 0), H5Aclose, orThrow: problem)
    let type = try Handle(H5Aget_type(attribute.id), H5Tclose, orThrow: problem)
    let space = try Handle(H5Aget_space(attribute.id), H5Sclose, orThrow: problem)
    guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) > 0, H5Sget_simple_extent_npoints(space.id) == 1 else {
      throw problem()
    }
    var text: UnsafeMutablePointer<CChar>?
    guard H5Aread(attribute.id, type.id, &text) >= 0, let text else { throw problem() }
    defer { H5free_memory(text) }
    return String(cString: text)
  }

  /// The shape that a group of a sparse matrix says it has.
  private static func shape(_ file: Handle, of object: String) -> [Int]? {
    for name in ["shape", "h5sparse_shape"] {
      guard let attribute = try? Handle(H5Aopen_by_name(file.id, object, name, 0, 0), H5Aclose, orThrow: { .missing(name) }),
        let space = try? Handle(H5Aget_space(attribute.id), H5Sclose, orThrow: { .missing(name) }),
        H5Sget_simple_extent_npoints(space.id) == 2
      else { continue }
      var extents = [0.0, 0.0]
      if H5Aread(attribute.id, otlab_h5_native_double(), &extents) >= 0 { return extents.map { Int(exactly: $0) ?? -1 } }
    }
    return nil
  }

  /// Writes a new file with the given datasets (names may contain `/`), replacing any old one only when it is complete.
  ///
  /// Numbers are stored as 64-bit floats, or as 64-bit integers where the array says so, compressed losslessly. Equal content gives equal bytes: no times are stored.
  ///
  /// - Parameter texts: attributes of the file itself, by name.
  public static func write(
    _ arrays: [(name: String, array: NumericArray)], texts: [(name: String, text: String)] = [], to path: String
  ) throws(DataError) {
    lock.lock()
    defer { lock.unlock() }
    _ = otlab_h5_silence()
    let image = try image(of: arrays, texts: texts, path: path)
    do {
      try image.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw unwritable(path)
    }
  }

  /// The bytes of a file. It is made in memory, since the library can crash when the disk fills up under it.
  private static func image(
    of arrays: [(name: String, array: NumericArray)], texts: [(name: String, text: String)], path: String
  ) throws(DataError) -> Data {
    let error = { unwritable(path) }
    let access = try Handle(H5Pcreate(otlab_h5_file_access()), H5Pclose, orThrow: error)
    guard H5Pset_fapl_core(access.id, 1 << 20, false) >= 0 else { throw error() }
    let file = try Handle(H5Fcreate("memory", otlab_h5_truncate(), 0, access.id), H5Fclose, orThrow: error)
    for (name, array) in arrays { try write(array, named: trimmed(name), to: file, path: path) }
    for (name, text) in texts { try write(text, named: name, to: file, path: path) }
    guard H5Fflush(file.id, H5F_SCOPE_LOCAL) >= 0 else { throw error() }
    let size = H5Fget_file_image(file.id, nil, 0)
    guard size > 0 else { throw error() }
    var image = Data(count: size)
    let written = image.withUnsafeMutableBytes { H5Fget_file_image(file.id, $0.baseAddress, size) }
    guard written == size else { throw error() }
    return image
  }
}

extension HDF5 {
  /// An identifier of the library, closed when it is let go.
  private final class Handle {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    init(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t, orThrow error: () -> DataError) throws(DataError) {
      if id < 0 { throw error() }
      self.id = id
      self.close = close
    }

    deinit { _ = close(id) }
  }

  private static func open(_ path: String) throws(DataError) -> Handle {
    if let obstacle = RegularFile.obstacle(to: path) { throw DataError(path: path, problem: obstacle) }
    _ = otlab_h5_silence()
    return try Handle(H5Fopen(path, otlab_h5_read_only(), 0), H5Fclose) {
      DataError(path: path, problem: "is not a readable HDF5 file (truncated or damaged?)")
    }
  }

  private static func trimmed(_ name: String) -> String { String(name.drop { $0 == "/" }) }

  private static func enumeration(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }

  private static func list(_ file: Handle) -> [String] {
    final class Names { var found: [String] = [] }
    let names = Names()
    _ = H5Ovisit2(
      file.id, H5_INDEX_NAME, H5_ITER_NATIVE,
      { _, name, info, context in
        if let name, let context, info?.pointee.type == H5O_TYPE_DATASET {
          Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().found.append(String(cString: name))
        }
        return 0
      }, Unmanaged.passUnretained(names).toOpaque(), UInt32(0x0001))
    return names.found.sorted()
  }

  private static func read(_ file: Handle, dataset name: String, path: String) throws(DataError) -> NumericArray {
    func problem(_ text: String) -> DataError { DataError(path: path, problem: "dataset '\(name)' \(text)") }
    let dataset = try Handle(H5Dopen2(file.id, name, 0), H5Dclose) { problem("cannot be opened") }
    let type = try Handle(H5Dget_type(dataset.id), H5Tclose) { problem("has no readable type") }
    let typeClass = H5Tget_class(type.id)
    guard typeClass == H5T_INTEGER || typeClass == H5T_FLOAT else {
      throw problem("holds \(typeClass == H5T_STRING ? "texts" : "compound or other values"), but numbers were expected")
    }
    let space = try Handle(H5Dget_space(dataset.id), H5Sclose) { problem("has no readable shape") }
    let rank = Int(H5Sget_simple_extent_ndims(space.id))
    guard (0...3).contains(rank) else { throw problem("has rank \(rank), but 0 to 3 was expected") }
    var extents = [hsize_t](repeating: 0, count: max(rank, 1))
    _ = H5Sget_simple_extent_dims(space.id, &extents, nil)
    let shape = extents.prefix(rank).map { Int(clamping: $0) }
    guard let count = NumericArray.count(ofShape: shape) else {
      throw problem("claims \(shape.map(String.init).joined(separator: "×")) elements, which is refused")
    }
    let stored = Int(clamping: H5Dget_storage_size(dataset.id))
    guard StoredSize(stored).canHold(count * max(1, H5Tget_size(type.id))) else {
      throw problem("claims \(shape.map(String.init).joined(separator: "×")) elements, but \(stored) bytes are stored, so it is refused")
    }
    var elements = [Double](repeating: 0, count: count)
    guard H5Dread(dataset.id, otlab_h5_native_double(), 0, 0, 0, &elements) >= 0 else {
      throw problem("cannot be read (the file is truncated, damaged, or compressed by a filter that is not installed)")
    }
    return NumericArray(shape: shape, elements: elements)
  }

  private static func unwritable(_ path: String) -> DataError {
    DataError(.unwritable, path: path, problem: "cannot be written (no such folder, no permission, or the disk is full)")
  }

  private static func write(_ array: NumericArray, named name: String, to file: Handle, path: String) throws(DataError) {
    let error = { unwritable(path) }
    let extents = array.shape.map { hsize_t($0) }
    let space = try Handle(
      extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil), H5Sclose, orThrow: error)
    let creation = try Handle(H5Pcreate(otlab_h5_dataset_create()), H5Pclose, orThrow: error)
    _ = H5Pset_obj_track_times(creation.id, false)
    if array.elements.count > 4096, !extents.isEmpty {
      // Chunks of about 64k elements: whole slices of the last axes.
      var chunk = extents
      chunk[0] = max(1, min(extents[0], hsize_t(65_536) / max(1, extents.dropFirst().reduce(1, *))))
      _ = H5Pset_chunk(creation.id, Int32(chunk.count), chunk)
      _ = H5Pset_shuffle(creation.id)
      _ = H5Pset_deflate(creation.id, 1)
    }
    let links = try Handle(H5Pcreate(otlab_h5_link_create()), H5Pclose, orThrow: error)
    _ = H5Pset_create_intermediate_group(links.id, 1)
    let type = array.isWhole ? otlab_h5_file_int64() : otlab_h5_file_double()
    let dataset = try Handle(H5Dcreate2(file.id, name, type, space.id, links.id, creation.id, 0), H5Dclose, orThrow: error)
    let written =
      array.isWhole
      ? H5Dwrite(dataset.id, otlab_h5_native_int64(), 0, 0, 0, array.elements.map { Int64($0) })
      : H5Dwrite(dataset.id, otlab_h5_native_double(), 0, 0, 0, array.elements)
    guard written >= 0 else { throw error() }
  }

  private static func write(_ text: String, named name: String, to file: Handle, path: String) throws(DataError) {
    let error = { unwritable(path) }
    // Of variable length: such texts may be of any size, and h5py reads them as texts.
    let type = try Handle(H5Tcopy(otlab_h5_c_string()), H5Tclose, orThrow: error)
    _ = H5Tset_size(type.id, otlab_h5_variable())
    _ = H5Tset_cset(type.id, H5T_CSET_UTF8)
    let space = try Handle(H5Screate(H5S_SCALAR), H5Sclose, orThrow: error)
    let attribute = try Handle(H5Acreate2(file.id, name, type.id, space.id, 0, 0), H5Aclose, orThrow: error)
    let written = text.withCString { start in
      var pointer: UnsafePointer<CChar>? = start
      return H5Awrite(attribute.id, type.id, &pointer)
    }
    guard written >= 0 else { throw error() }
  }
}

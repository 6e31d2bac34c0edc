import CHDF5

/// Reads HDF5 texts of variable or fixed length, as h5py, R, and C write them.
enum HDF5Text {
  /// Reads texts.
  ///
  /// - Parameters:
  ///   - type: the type of the stored elements.
  ///   - count: the number of elements.
  ///   - read: fills a buffer with elements of the given type.
  /// - Returns: The texts; nil if the elements are not texts or cannot be read.
  static func texts(_ type: HDF5Handle, count: Int, read: (hid_t, UnsafeMutableRawPointer) -> herr_t) -> [String]? {
    guard H5Tget_class(type.id) == H5T_STRING else { return nil }
    if count == 0 { return [] }
    if H5Tis_variable_str(type.id) > 0 {
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      guard pointers.withUnsafeMutableBytes({ $0.baseAddress.map { read(type.id, $0) } ?? -1 }) >= 0 else { return nil }
      defer { for pointer in pointers { H5free_memory(pointer) } }
      return pointers.map { $0.map { String(cString: $0) } ?? "" }
    }
    let size = H5Tget_size(type.id)
    guard size > 0, size <= 1 << 20, count <= (1 << 30) / size else { return nil }
    var bytes = [UInt8](repeating: 0, count: count * size)
    guard bytes.withUnsafeMutableBytes({ $0.baseAddress.map { read(type.id, $0) } ?? -1 }) >= 0 else { return nil }
    let isPadded = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
    return (0..<count).map { index in
      var text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
      while isPadded, text.last == UInt8(ascii: " ") { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }
}

extension HDF5File {
  private func attribute(_ name: String, of object: String) -> (handle: HDF5Handle, type: HDF5Handle, count: Int)? {
    guard let (owner, _) = self.object(object == "." ? "/" : object),
      let handle = HDF5Handle(H5Aopen(owner.id, name, 0), H5Aclose),
      let type = HDF5Handle(H5Aget_type(handle.id), H5Tclose),
      let space = HDF5Handle(H5Aget_space(handle.id), H5Sclose)
    else { return nil }
    return (handle, type, Int(clamping: H5Sget_simple_extent_npoints(space.id)))
  }

  func hasAttribute(_ name: String, of object: String) -> Bool { H5Aexists_by_name(root.id, object, name, 0) > 0 }

  /// Reads a text attribute; nil if there is none, and `DataError` if the attribute is not a text.
  func text(of object: String, attribute name: String) throws(DataError) -> String? {
    guard hasAttribute(name, of: object) else { return nil }
    guard let texts = texts(of: object, attribute: name), texts.count == 1 else {
      throw DataError(path: path, problem: "'\(object)' has an attribute '\(name)' that is not text")
    }
    return texts[0]
  }

  func texts(of object: String, attribute name: String) -> [String]? {
    guard let (handle, type, count) = attribute(name, of: object), count >= 0, count <= 1 << 20 else { return nil }
    // An empty list of names is stored as an empty list of numbers.
    if count == 0 { return [] }
    return HDF5Text.texts(type, count: count) { H5Aread(handle.id, $0, $1) }
  }

  /// Reads an attribute of whole numbers; nil if there is none or it holds anything else.
  func counts(of object: String, attribute name: String) -> [Int]? {
    guard let (handle, _, count) = attribute(name, of: object), (1...8).contains(count) else { return nil }
    var numbers = [Double](repeating: 0, count: count)
    guard H5Aread(handle.id, otlab_h5_native_double(), &numbers) >= 0 else { return nil }
    return numbers.map { Int(exactly: $0) ?? -1 }
  }
}

import CHDF5
import Foundation
import LinearAlgebra

// Writing, in memory first.

extension HDF5 {
  /// The bytes of an HDF5 file.
  ///
  /// The file is made in memory, since the library may crash when the disk fills up while it writes.
  static func image(
    of arrays: [(name: String, array: NumericArray)], texts: [(name: String, text: String)], path: String
  ) throws(DataError) -> Data {
    let error = { unwritable(path) }
    let access = try HDF5Handle(H5Pcreate(otlab_h5_file_access()), H5Pclose, orThrow: error)
    guard H5Pset_fapl_core(access.id, 1 << 20, false) >= 0 else { throw error() }
    let file = try HDF5Handle(H5Fcreate("memory", otlab_h5_truncate(), 0, access.id), H5Fclose, orThrow: error)
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

  static func unwritable(_ path: String) -> DataError {
    DataError(
      .unwritable, path: path, problem: "cannot be written (no such folder, no permission, or the disk is full)")
  }

  private static func write(_ array: NumericArray, named name: String, to file: HDF5Handle, path: String)
    throws(DataError)
  {
    let error = { unwritable(path) }
    let extents = array.shape.map { hsize_t($0) }
    let space = try HDF5Handle(
      extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil), H5Sclose,
      orThrow: error)
    let creation = try HDF5Handle(H5Pcreate(otlab_h5_dataset_create()), H5Pclose, orThrow: error)
    _ = H5Pset_obj_track_times(creation.id, false)
    if array.elements.count > 4096, !extents.isEmpty {
      // Chunks of about 64k elements hold whole slices of the last axes.
      var chunk = extents
      chunk[0] = max(1, min(extents[0], hsize_t(65_536) / max(1, extents.dropFirst().reduce(1, *))))
      _ = H5Pset_chunk(creation.id, Int32(chunk.count), chunk)
      _ = H5Pset_shuffle(creation.id)
      _ = H5Pset_deflate(creation.id, 1)
    }
    let links = try HDF5Handle(H5Pcreate(otlab_h5_link_create()), H5Pclose, orThrow: error)
    _ = H5Pset_create_intermediate_group(links.id, 1)
    let type = array.isWhole ? otlab_h5_file_int64() : otlab_h5_file_double()
    let dataset = try HDF5Handle(
      H5Dcreate2(file.id, name, type, space.id, links.id, creation.id, 0), H5Dclose, orThrow: error)
    let written =
      array.isWhole
      ? H5Dwrite(dataset.id, otlab_h5_native_int64(), 0, 0, 0, array.elements.map { Int64($0) })
      : H5Dwrite(dataset.id, otlab_h5_native_double(), 0, 0, 0, array.elements)
    guard written >= 0 else { throw error() }
  }

  private static func write(_ text: String, named name: String, to file: HDF5Handle, path: String) throws(DataError) {
    let error = { unwritable(path) }
    // Variable-length texts may have any size, and h5py reads them as str.
    let type = try HDF5Handle(H5Tcopy(otlab_h5_c_string()), H5Tclose, orThrow: error)
    _ = H5Tset_size(type.id, otlab_h5_variable())
    _ = H5Tset_cset(type.id, H5T_CSET_UTF8)
    let space = try HDF5Handle(H5Screate(H5S_SCALAR), H5Sclose, orThrow: error)
    let attribute = try HDF5Handle(H5Acreate2(file.id, name, type.id, space.id, 0, 0), H5Aclose, orThrow: error)
    let written = text.withCString { start in
      var pointer: UnsafePointer<CChar>? = start
      return H5Awrite(attribute.id, type.id, &pointer)
    }
    guard written >= 0 else { throw error() }
  }
}

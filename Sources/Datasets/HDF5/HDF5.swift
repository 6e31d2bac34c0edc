import CGuard
import CHDF5
import Files
import Foundation
import LinearAlgebra

/// Reads and writes numeric datasets in HDF5 files.
///
/// No handle of the library leaves this folder. One lock guards each operation, since Debian's library is not
/// thread-safe.
public enum HDF5 {
  private static let lock = NSLock()

  /// Reads one array of rank 0 to 3 from a dataset or from a group that encodes an array.
  ///
  /// Any storage works: chunked, compressed, big-endian, half or single precision, booleans, links of any kind. A
  /// group may be a sparse matrix, a data frame of numbers (columns side by side), or categories (their codes, −1 for
  /// a missing one).
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dataset: the path inside the file, such as `/coupling/plan`; nil if the file holds only one array.
  ///   - notes: collects the assumptions made while reading; otlab's own files need none.
  /// - Returns: The array.
  /// - Throws: `DataError` that names the file, the dataset, what was found, and what was expected.
  public static func read(_ path: String, dataset: String? = nil, notes: Notes = Notes()) throws(DataError)
    -> NumericArray
  {
    try guarded(path) { () throws(DataError) in
      let file = try HDF5File(path)
      if let dataset { return try file.read(trimmed(dataset), notes) }
      let names = try file.entries().filter { !$0.isColumn }.map(\.name)
      guard names.count == 1 else {
        throw DataError(path: path, problem: "holds \(names.count) datasets (\(enumeration(names))); name one of them")
      }
      return try file.read(names[0], notes)
    }
  }

  /// Returns the names of all arrays in alphabetical order, whether datasets or groups that encode an array.
  public static func datasets(in path: String) throws(DataError) -> [String] {
    try guarded(path) { () throws(DataError) in try HDF5File(path).entries().filter { !$0.isColumn }.map(\.name) }
  }

  /// Lists all arrays, including columns of data frames, in alphabetical order with their shapes and types.
  public static func contents(of path: String) throws(DataError) -> [(name: String, about: String)] {
    try guarded(path) { () throws(DataError) in
      let file = try HDF5File(path)
      return try file.entries().map { ($0.name, file.about($0)) }
    }
  }

  /// Returns the names of the categories whose codes `read` gives, or nil if the array is not categorical.
  public static func categories(_ path: String, dataset: String) throws(DataError) -> [String]? {
    try guarded(path) { () throws(DataError) in try HDF5File(path).categories(trimmed(dataset)) }
  }

  /// Returns a text attribute of the file, or throws `DataError` if the file is unreadable or has no such text.
  public static func text(_ path: String, attribute name: String) throws(DataError) -> String {
    try guarded(path) { () throws(DataError) in
      guard let text = try HDF5File(path).text(of: ".", attribute: name) else {
        throw DataError(path: path, problem: "has no text attribute '\(name)'")
      }
      return text
    }
  }

  /// Writes a new file with the given datasets and replaces an existing one only when the new one is complete.
  ///
  /// Numbers are stored as 64-bit floats, or as 64-bit integers where the array says so, with lossless compression.
  /// Equal content gives equal bytes, since no times are stored.
  ///
  /// - Parameters:
  ///   - arrays: the arrays by name; a name may contain `/`.
  ///   - texts: text attributes of the file by name.
  ///   - path: the file.
  /// - Throws: `DataError` if the file cannot be written.
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

  /// Runs a read under the lock.
  ///
  /// The library crashes on some damaged files and loops forever on others; in both cases the process ends with an
  /// error message and the exit code of an unreadable file. The time limit is at least two seconds of CPU time, and
  /// more for large files.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - read: the operation.
  /// - Returns: What the operation returns.
  /// - Throws: `DataError` from the operation.
  private static func guarded<T>(_ path: String, _ read: () throws(DataError) -> T) throws(DataError) -> T {
    lock.lock()
    defer { lock.unlock() }
    let sentence = strdup(
      "error: \(path): the HDF5 library crashed or did not finish reading it; the file is damaged\n")
    guard_begin(sentence, 66, seconds(forFile: path))
    defer {
      guard_end()
      free(sentence)
    }
    return try read()
  }

  private static func seconds(forFile path: String) -> Int32 {
    Int32(clamping: 5 + 2 * (RegularFile.size(of: path) >> 20))
  }

  /// Extends the time limit by a second for every 64 MB that a small file expands to, by compression or unwritten
  /// chunks.
  static func allowTime(forBytes bytes: Int, of path: String) {
    guard_restart(seconds(forFile: path) + Int32(clamping: bytes >> 26))
  }

  static func trimmed(_ name: String) -> String { String(name.drop { $0 == "/" }) }

  static func enumeration(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}

/// An identifier of the library that is closed when the handle is released.
final class HDF5Handle {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  init(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t, orThrow error: () -> DataError) throws(DataError) {
    if id < 0 { throw error() }
    self.id = id
    self.close = close
  }

  /// Takes ownership of an identifier; nil if the identifier is invalid.
  init?(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
    if id < 0 { return nil }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

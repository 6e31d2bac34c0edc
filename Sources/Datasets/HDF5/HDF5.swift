import CGuard
import CHDF5
import Files
import Foundation
import LinearAlgebra

/// Reading and writing numeric datasets in HDF5 files.
///
/// No handle of the library leaves this folder, and one lock stands around each whole operation: Debian's library is not thread-safe.
public enum HDF5 {
  private static let lock = NSLock()

  /// Reads one array of rank 0 to 3, whatever its storage (chunked, compressed, big-endian, half or single precision, booleans, by links of any kind), or
  /// a group that makes one: a sparse matrix, a data frame of numbers (columns side by side), or categories (as their codes, −1 where there is none).
  ///
  /// - Parameters:
  ///   - dataset: its path inside the file, such as `/coupling/plan`; may be nil when the file holds one only.
  ///   - notes: is told what was taken for granted; files of our own leave nothing open.
  /// - Throws: `DataError` that names the file, the dataset, what was found and what was expected.
  public static func read(_ path: String, dataset: String? = nil, notes: Notes = Notes()) throws(DataError) -> NumericArray {
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

  /// The names of all arrays, in alphabetical order: datasets, and groups that make one array.
  public static func datasets(in path: String) throws(DataError) -> [String] {
    try guarded(path) { () throws(DataError) in try HDF5File(path).entries().filter { !$0.isColumn }.map(\.name) }
  }

  /// What is in a file, array by array, columns of data frames too, in alphabetical order: the name, and its shape and kind in a few words.
  public static func contents(of path: String) throws(DataError) -> [(name: String, about: String)] {
    try guarded(path) { () throws(DataError) in
      let file = try HDF5File(path)
      return try file.entries().map { ($0.name, file.about($0)) }
    }
  }

  /// The names of the categories whose codes `read` gives; nil when there are none.
  public static func categories(_ path: String, dataset: String) throws(DataError) -> [String]? {
    try guarded(path) { () throws(DataError) in try HDF5File(path).categories(trimmed(dataset)) }
  }

  /// The text of an attribute of the file itself.
  ///
  /// - Throws: `DataError` when the file is unreadable or has no such text.
  public static func text(_ path: String, attribute name: String) throws(DataError) -> String {
    try guarded(path) { () throws(DataError) in
      guard let text = try HDF5File(path).text(of: ".", attribute: name) else {
        throw DataError(path: path, problem: "has no text attribute '\(name)'")
      }
      return text
    }
  }

  /// Writes a new file with the given datasets (names may contain `/`), replacing any old one only when it is complete.
  ///
  /// Numbers are stored as 64-bit floats, or as 64-bit integers where the array says so, compressed losslessly. Equal content gives equal bytes: no times are
  /// stored.
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

  /// Reads under the lock. The library, which is not ours, crashes on some damaged files and goes round in others for ever; both end the process with
  /// a sentence and the code of an unreadable file. A whole file is never given less than two seconds of processor time for a megabyte.
  private static func guarded<T>(_ path: String, _ read: () throws(DataError) -> T) throws(DataError) -> T {
    lock.lock()
    defer { lock.unlock() }
    let sentence = strdup("error: \(path): the HDF5 library crashed on it, or did not come to an end; the file is damaged\n")
    guard_begin(sentence, 66, seconds(forFile: path))
    defer {
      guard_end()
      free(sentence)
    }
    return try read()
  }

  private static func seconds(forFile path: String) -> Int32 { Int32(clamping: 5 + 2 * (RegularFile.size(of: path) >> 20)) }

  /// What becomes large of a small file, by compression or by chunks that were never written, has a second for every 64 MB besides.
  static func allowTime(forBytes bytes: Int, of path: String) { guard_restart(seconds(forFile: path) + Int32(clamping: bytes >> 26)) }

  static func trimmed(_ name: String) -> String { String(name.drop { $0 == "/" }) }

  static func enumeration(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}

/// An identifier of the library, closed when it is let go.
final class HDF5Handle {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  init(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t, orThrow error: () -> DataError) throws(DataError) {
    if id < 0 { throw error() }
    self.id = id
    self.close = close
  }

  /// Nil for an identifier of nothing.
  init?(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
    if id < 0 { return nil }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

import CHDF5
import Files
import Foundation
import LinearAlgebra

/// An open HDF5 file.
struct HDF5File {
  let path: String
  /// The root group of the file.
  let root: HDF5Handle

  /// Opens a file, or throws `DataError` if it is missing, not HDF5, damaged, or held open by a writer.
  init(_ path: String) throws(DataError) {
    if let obstacle = RegularFile.obstacle(to: path) { throw DataError(path: path, problem: obstacle) }
    guard access(path, R_OK) == 0 else {
      throw DataError(path: path, problem: "cannot be read (\(String(cString: strerror(errno))))")
    }
    self.path = path
    _ = otlab_h5_silence()
    HDF5Filter.makeAvailable()
    let problem = { DataError(path: path, problem: Self.whyClosed(path)) }
    let access = try HDF5Handle(H5Pcreate(otlab_h5_file_access()), H5Pclose, orThrow: problem)
    // Some file systems have no locks, and then there is nothing to wait for.
    _ = H5Pset_file_locking(access.id, true, true)
    root = try HDF5Handle(H5Fopen(path, otlab_h5_read_only(), access.id), H5Fclose, orThrow: problem)
  }

  /// Returns why a file cannot be opened.
  private static func whyClosed(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY)
    defer { if descriptor >= 0 { close(descriptor) } }
    var head = [UInt8](repeating: 0, count: 12)
    let count = pread(descriptor, &head, head.count, 0)
    if flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      return "is held open by a program that writes to it; close it there and try again "
        + "(HDF5_USE_FILE_LOCKING=FALSE in the environment reads it as it is)"
    }
    // Version 3 of the superblock has flags that a writer sets and clears again when it closes the file.
    if count == head.count, head.starts(with: [0x89] + Array("HDF".utf8)), head[8] == 3, head[11] & 5 != 0 {
      return
        """
        is marked as being written to; if the program that wrote it has ended without closing it, 'h5clear -s' removes \
        the mark
        """
    }
    return "is not a readable HDF5 file (truncated or damaged?)"
  }

  enum Kind { case dataset, group, other }

  /// Returns an object by name; nil if there is none, or if the name is a link that leads nowhere.
  func object(_ name: String, in group: HDF5Handle? = nil) -> (handle: HDF5Handle, kind: Kind)? {
    guard let handle = HDF5Handle(H5Oopen((group ?? root).id, name, 0), H5Oclose) else { return nil }
    return switch H5Iget_type(handle.id) {
    case H5I_DATASET: (handle, .dataset)
    case H5I_GROUP: (handle, .group)
    default: (handle, .other)
    }
  }

  func dataset(_ name: String) throws(DataError) -> HDF5Dataset {
    guard let (handle, kind) = object(name), kind == .dataset else {
      throw DataError(path: path, problem: "dataset '\(name)' cannot be opened")
    }
    return HDF5Dataset(handle: handle, name: name, path: path)
  }

  /// Returns the target of a link that leads nowhere; nil if the name is not such a link.
  func brokenLink(_ name: String) -> String? {
    var info = H5L_info_t()
    guard H5Lget_info(root.id, name, &info, 0) >= 0, info.type == H5L_TYPE_SOFT || info.type == H5L_TYPE_EXTERNAL else {
      return nil
    }
    var value = [CChar](repeating: 0, count: 4096)
    guard H5Lget_val(root.id, name, &value, value.count - 1, 0) >= 0 else { return "nothing" }
    if info.type == H5L_TYPE_SOFT { return value.withUnsafeBufferPointer { text($0) } }
    var (other, object): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
    guard H5Lunpack_elink_val(&value, min(value.count - 1, Int(info.u.val_size)), nil, &other, &object) >= 0, let other,
      let object
    else {
      return "another file"
    }
    return "\(String(cString: object)) in the file \(String(cString: other))"
  }

  private func text(_ bytes: UnsafeBufferPointer<CChar>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A file with more names than this is refused as malicious, such as a web of groups with two links to each other.
  private static let mostNames = 50_000

  /// Returns the names of a group's members in alphabetical order.
  func children(_ group: HDF5Handle) -> [String] {
    final class Names { var found: [String] = [] }
    let names = Names()
    _ = H5Literate(
      group.id, H5_INDEX_NAME, H5_ITER_INC, nil,
      { _, name, _, context in
        guard let name, let context else { return 0 }
        let names = Unmanaged<Names>.fromOpaque(context).takeUnretainedValue()
        names.found.append(String(cString: name))
        return names.found.count > HDF5File.mostNames ? 1 : 0
      }, Unmanaged.passUnretained(names).toOpaque())
    return names.found
  }

  /// The name of an array, and whether it is a column of a data frame.
  struct Entry {
    let name: String
    let isColumn: Bool
    let form: HDF5Group.Form?
  }

  /// Returns all arrays in alphabetical order, whatever kind of link leads to them.
  ///
  /// A group that contains itself is entered once.
  ///
  /// - Returns: The arrays with their names.
  /// - Throws: `DataError` if the file holds too many names.
  func entries() throws(DataError) -> [Entry] {
    var found: [Entry] = []
    var seen = 0
    func visit(_ handle: HDF5Handle, _ prefix: String, isFrame: Bool, above: [(UInt, UInt)]) {
      var info = H5O_info_t()
      guard H5Oget_info2(handle.id, &info, UInt32(0x0001)) >= 0, above.count < 64 else { return }
      let own = (UInt(info.fileno), UInt(info.addr))
      if above.contains(where: { $0 == own }) { return }
      for child in children(handle) {
        seen += 1
        let name = prefix.isEmpty ? child : "\(prefix)/\(child)"
        guard seen <= Self.mostNames, let (object, kind) = object(child, in: handle) else { continue }
        if kind == .dataset { found.append(Entry(name: name, isColumn: isFrame, form: nil)) }
        if kind == .group {
          let form = HDF5Group(file: self, handle: object, name: name).form
          if let form { found.append(Entry(name: name, isColumn: isFrame, form: form)) }
          if form == nil || form == .frame { visit(object, name, isFrame: form == .frame, above: above + [own]) }
        }
      }
    }
    if let (root, _) = object("/") { visit(root, "", isFrame: false, above: []) }
    if seen > Self.mostNames {
      throw DataError(path: path, problem: "holds more than \(Self.mostNames) names, which is refused")
    }
    return found.sorted { $0.name < $1.name }
  }

  /// Reads the array with a name.
  func read(_ name: String, _ notes: Notes) throws(DataError) -> NumericArray {
    switch object(name) {
    case (let handle, .dataset)?:
      return try HDF5Dataset(handle: handle, name: name, path: path).numbers(notes)
    case (let handle, .group)?:
      let group = HDF5Group(file: self, handle: handle, name: name)
      if let form = group.form { return try group.read(form, notes) }
    case (_, .other)?: break
    case nil:
      if let target = brokenLink(name) {
        throw DataError(path: path, problem: "'\(name)' is a link to \(target), which is not there")
      }
    }
    throw DataError(path: path, problem: "holds no dataset '\(name)'; it holds \(HDF5.enumeration(try alike(name)))")
  }

  /// Returns the names that may have been meant: those in the same group or with the same last part, or else all.
  private func alike(_ name: String) throws(DataError) -> [String] {
    let names = try entries().map(\.name)
    let parts = name.split(separator: "/")
    let folder = parts.dropLast().joined(separator: "/") + "/"
    let near = names.filter {
      $0.hasPrefix(name + "/") || (folder != "/" && $0.hasPrefix(folder)) || $0.hasSuffix("/" + (parts.last ?? ""))
    }
    return near.isEmpty ? names : near
  }

  /// Returns the shape and type of an array in a few words.
  func about(_ entry: Entry) -> String {
    guard let (handle, _) = object(entry.name) else { return "not readable" }
    if let form = entry.form { return HDF5Group(file: self, handle: handle, name: entry.name).about(form) }
    return HDF5Dataset(handle: handle, name: entry.name, path: path).about
  }

  func categories(_ name: String) throws(DataError) -> [String]? {
    guard let (handle, kind) = object(name), kind == .group else { return nil }
    let group = HDF5Group(file: self, handle: handle, name: name)
    return group.form == .categories ? try group.categories() : nil
  }
}

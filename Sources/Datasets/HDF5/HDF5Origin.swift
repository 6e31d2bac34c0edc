import CHDF5
import Foundation

/// Finds other files that a dataset takes its numbers from: by an external link, a virtual dataset, or external
/// storage.
enum HDF5Origin {
  static func otherFiles(of dataset: HDF5Handle, in path: String) -> [String] {
    var files = text { H5Fget_name(dataset.id, $0, $1) }.map { [$0] } ?? []
    if let creation = HDF5Handle(H5Dget_create_plist(dataset.id), H5Pclose) {
      var count = 0
      if H5Pget_layout(creation.id) == H5D_VIRTUAL, H5Pget_virtual_count(creation.id, &count) >= 0 {
        // A point means the file itself.
        files += (0..<count).compactMap { number in text { H5Pget_virtual_filename(creation.id, number, $0, $1) } }
          .filter { $0 != "." }
      }
      let stores = H5Pget_external_count(creation.id)
      files += (0..<max(0, stores)).compactMap { number in
        var name = [CChar](repeating: 0, count: 4096)
        return H5Pget_external(creation.id, UInt32(number), name.count - 1, &name, nil, nil) >= 0
          ? Self.text(name) : nil
      }
    }
    var seen: Set<String> = []
    return files.filter { name(of: $0) != name(of: path) && seen.insert($0).inserted }
  }

  private static func name(of path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  /// Returns a text that the library writes into a buffer, after asking for its length.
  private static func text(_ write: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String? {
    let length = write(nil, 0)
    guard (1...65_536).contains(length) else { return nil }
    var buffer = [CChar](repeating: 0, count: length + 1)
    return write(&buffer, length + 1) > 0 ? text(buffer) : nil
  }

  /// Returns the text before the zero that ends it.
  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

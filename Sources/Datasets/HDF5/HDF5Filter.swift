import CHDF5
import CHDF5Filters
import Foundation

/// One compression step of a dataset.
struct HDF5Filter {
  private let number: H5Z_filter_t
  private let storedName: String

  var isAvailable: Bool { H5Zfilter_avail(number) > 0 }

  /// The largest factor by which this step can expand data.
  var ratio: Int {
    switch number {
    case 0...6: 1100  // The library's own; deflate makes at most 1032.
    default: 1 << 15
    }
  }

  /// A phrase for errors, such as "compressed by lz4 (filter 32004), which is not installed".
  var description: String {
    let known = Self.known[number]
    let name = known?.name ?? (storedName.isEmpty ? "an unknown filter" : storedName)
    let package = known?.package.map { "; Debian's package \($0) has it" } ?? ""
    return "compressed by \(name) (filter \(number)), which is not installed\(package)"
  }

  /// Filters by their registered numbers, with the Debian packages that provide them.
  private static let known: [H5Z_filter_t: (name: String, package: String?)] = [
    4: ("szip", nil), 307: ("bzip2", "hdf5-filter-plugin"), 32000: ("lzf", nil),
    32001: ("blosc", "hdf5-filter-plugin-blosc-serial"), 32004: ("lz4", "hdf5-filter-plugin"),
    32008: ("bitshuffle", "bitshuffle"),
    32013: ("zfp", "hdf5-filter-plugin-zfp-serial"), 32015: ("zstd", nil), 32017: ("sz", nil),
    32018: ("fcidecomp", nil),
    32022: ("sperr", nil), 32024: ("sz3", nil), 32026: ("blosc2", nil), 32028: ("sperr", nil),
  ]

  static func all(of dataset: HDF5Handle) -> [HDF5Filter] {
    guard let creation = HDF5Handle(H5Dget_create_plist(dataset.id), H5Pclose) else { return [] }
    return (0..<UInt32(clamping: max(0, H5Pget_nfilters(creation.id)))).compactMap { index in
      var (flags, values, configuration) = (UInt32(0), 0, UInt32(0))
      var name = [CChar](repeating: 0, count: 64)
      let number = H5Pget_filter2(creation.id, index, &flags, &values, nil, name.count - 1, &name, &configuration)
      guard number >= 0 else { return nil }
      return HDF5Filter(
        number: number,
        storedName: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
  }

  /// Registers the built-in filters and tells the library where Debian's plugins are, even if HDF5_PLUGIN_PATH leads
  /// elsewhere.
  static func makeAvailable() { _ = registered }

  private static let registered: Bool = {
    // This path comes first, since the library stops at the first folder that does not exist.
    for machine in ["x86_64", "aarch64"] {
      let folder = "/usr/lib/\(machine)-linux-gnu/hdf5/serial/plugins"
      if FileManager.default.fileExists(atPath: folder) { H5PLprepend(folder) }
    }
    return otlab_h5_register_lzf() >= 0 && otlab_h5_register_zstd() >= 0
  }()
}

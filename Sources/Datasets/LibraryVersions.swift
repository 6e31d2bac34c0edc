import CHDF5
import CPNG
import CZlib

/// The versions of the libraries that read and write files.
public enum LibraryVersions {
  /// The versions by library name.
  public static var all: [String: String] {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    _ = H5get_libversion(&major, &minor, &release)
    let png = cpng_version()
    return [
      "hdf5": "\(major).\(minor).\(release)", "libpng": "\(png / 10_000).\(png / 100 % 100).\(png % 100)",
      "zlib": String(cString: zlibVersion()),
    ]
  }
}

import Files
import Foundation
import LinearAlgebra

extension NumericArray {
  /// The largest number of elements (16 GiB of numbers); more are refused before memory is allocated.
  static let largestCount = 1 << 31

  /// The number of elements of a shape that a file header claims; nil if it is negative, overflows, or is too large.
  static func count(ofShape shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= largestCount else { return nil }
      count = product
    }
    return count
  }
}

extension NumericArray {
  /// Reads a file of numbers in the format that its extension names.
  ///
  /// Known are .h5, .hdf5, .h5ad, .h5mu, .loom, .npz, .npy, .csv, .tsv, .txt, IDX (…ubyte or .idx, also .gz), and
  /// .png. A file without an extension is read as text.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dataset: the array in an HDF5 or NPZ file; nil if the file holds only one, and then `X` in AnnData files.
  ///   - notes: collects the assumptions made while reading.
  /// - Returns: The array.
  /// - Throws: `DataError` if the file is unreadable or does not hold numbers.
  public static func read(_ path: String, dataset: String? = nil, notes: Notes) throws(DataError) -> NumericArray {
    if let obstacle = RegularFile.obstacle(to: path) { throw DataError(path: path, problem: obstacle) }
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    switch plain.split(separator: ".").last.map(String.init) ?? "" {
    case "h5", "hdf5", "h5mu", "loom": return try HDF5.read(path, dataset: dataset, notes: notes)
    case "h5ad": return try HDF5.read(path, dataset: dataset ?? "X", notes: notes)
    case "npy": return try readNPY(path, notes: notes)
    case "npz": return try NPZ.read(path, name: dataset, notes: notes)
    case "png": return try PixelImage(pngFile: path).array
    case "idx": return try readIDX(path, notes: notes)
    case let ending where ending.hasSuffix("ubyte"): return try readIDX(path, notes: notes)
    case "csv", "tsv", "txt", "data", plain: return try readDelimitedText(path, notes: notes)
    case let ending:
      throw DataError(
        path: path,
        problem:
          """
          has the unknown extension .\(ending); one of .h5, .hdf5, .h5ad, .h5mu, .loom, .npz, .npy, .csv, .tsv, .txt, \
          .idx, …-ubyte.gz, .png was expected
          """
      )
    }
  }
}

/// The bytes of a file, decompressed if it is gzip.
func contents(of path: String, notes: Notes) throws(DataError) -> [UInt8] {
  if let obstacle = RegularFile.obstacle(to: path) { throw DataError(path: path, problem: obstacle) }
  try ReaderMemory.require(Double(RegularFile.size(of: path)), of: path)
  guard let bytes = RegularFile.bytes(of: path) else { throw DataError(path: path, problem: "cannot be read") }
  return bytes.starts(with: [0x1f, 0x8b]) ? try Inflation().gzip(bytes, path: path, notes: notes) : bytes
}

import CZlib

/// The largest decompressed size in bytes; a small file that claims more is malicious or damaged.
let largestInflatedSize = 1 << 31

/// Decompression by zlib; its lengths have 32 bits, so bytes go in and out in pieces.
struct Inflation {
  /// The largest decompressed size in bytes.
  var limit = largestInflatedSize
  /// The largest number of bytes that zlib gets at once.
  var piece = 1 << 30
  /// Bytes held in addition to the compressed and the decompressed data.
  var held = 0.0

  /// Decompresses a gzip file with one or several members, as `cat a.gz b.gz` and bgzip write them.
  ///
  /// Zeros after a member are padding. Anything else that is not a member is ignored, as gzip does, and noted.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - path: the file's name in errors.
  ///   - notes: collects what was ignored.
  /// - Returns: The content of all members, one after another.
  /// - Throws: `DataError` if the data are damaged, truncated, or too large.
  func gzip(_ bytes: [UInt8], path: String, notes: Notes) throws(DataError) -> [UInt8] {
    var output: [UInt8] = []
    var start = 0
    while bytes[start...].starts(with: [0x1f, 0x8b]) {
      start = try member(bytes, from: start, into: &output, path: path) { otlab_inflate_init_gzip($0) }
    }
    if bytes[start...].contains(where: { $0 != 0 }) {
      notes.add("\(path): the \(bytes.count - start) bytes after its compressed data are not gzip and were ignored")
    }
    return output
  }

  /// Decompresses a stream without a header, as zip archives hold them.
  ///
  /// - Parameters:
  ///   - bytes: the compressed data.
  ///   - size: the decompressed size that the archive claims.
  ///   - path: the file's name in errors.
  /// - Returns: The decompressed data.
  /// - Throws: `DataError` if the data are damaged, truncated, or too large.
  func raw(_ bytes: [UInt8], size: Int, path: String) throws(DataError) -> [UInt8] {
    var output: [UInt8] = []
    try reserve(size, in: &output, beside: bytes, path: path)
    _ = try member(bytes, from: 0, into: &output, path: path) { otlab_inflate_init_raw($0) }
    return output
  }

  /// Reserves room for this many bytes of content.
  private func reserve(_ count: Int, in output: inout [UInt8], beside bytes: [UInt8], path: String) throws(DataError) {
    // While the content moves it is held twice.
    try ReaderMemory.require(Double(count), besides: held + Double(bytes.count + output.capacity), of: path)
    output.reserveCapacity(count)
  }

  /// Decompresses one member, and returns the position of its end.
  private func member(
    _ bytes: [UInt8], from start: Int, into output: inout [UInt8], path: String,
    begin: (UnsafeMutablePointer<z_stream>) -> Int32
  ) throws(DataError) -> Int {
    var stream = z_stream()
    guard begin(&stream) == Z_OK else {
      throw DataError(path: path, problem: "cannot be decompressed: zlib does not start")
    }
    defer { inflateEnd(&stream) }
    var position = start
    var code = Z_OK
    var buffer = [UInt8](repeating: 0, count: min(piece, 1 << 18))
    try bytes.withUnsafeBufferPointer { input throws(DataError) in
      while code == Z_OK && output.count <= limit {
        let given = min(piece, input.count - position)
        // zlib reads what it calls writable.
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
        stream.avail_in = UInt32(given)
        buffer.withUnsafeMutableBufferPointer { buffer in
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          code = inflate(&stream, Z_NO_FLUSH)
        }
        let count = buffer.count - Int(stream.avail_out)
        if output.count + count > output.capacity {
          try reserve(max(2 * output.capacity, output.count + count), in: &output, beside: bytes, path: path)
        }
        output += buffer[..<count]
        position += given - Int(stream.avail_in)
      }
    }
    if output.count > limit {
      throw DataError(path: path, problem: "decompresses to more than \(limit) bytes, which is refused")
    }
    switch code {
    case Z_STREAM_END: return position
    case Z_BUF_ERROR:
      throw DataError(
        path: path, problem: "is truncated: the compressed data end after \(output.count) bytes of content")
    default:
      throw DataError(
        path: path, problem: "is damaged: its compressed data do not check out after \(output.count) bytes of content")
    }
  }
}

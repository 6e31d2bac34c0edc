import CZlib

/// The most bytes that a compressed file may grow to; a small file that claims more is an attack or a mistake.
let largestInflatedSize = 1 << 31

/// Decompresses one gzip stream, or one without any header, as zip archives hold them; more than `limit` bytes are refused.
func inflateGzip(_ bytes: [UInt8], isRaw: Bool = false, limit: Int = largestInflatedSize, path: String) throws(DataError) -> [UInt8] {
  var stream = z_stream()
  guard (isRaw ? otlab_inflate_init_raw(&stream) : otlab_inflate_init_gzip(&stream)) == Z_OK else {
    throw DataError(path: path, problem: "cannot be decompressed: zlib does not start")
  }
  defer { inflateEnd(&stream) }
  var input = bytes
  var output: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 18)
  var code = Z_OK
  input.withUnsafeMutableBufferPointer { input in
    stream.next_in = input.baseAddress
    stream.avail_in = UInt32(input.count)
    while code == Z_OK && output.count <= limit {
      piece.withUnsafeMutableBufferPointer { piece in
        stream.next_out = piece.baseAddress
        stream.avail_out = UInt32(piece.count)
        code = inflate(&stream, Z_NO_FLUSH)
        output.append(contentsOf: piece[..<(piece.count - Int(stream.avail_out))])
      }
    }
  }
  if output.count > limit { throw DataError(path: path, problem: "decompresses to more than \(limit) bytes, which is refused") }
  switch code {
  case Z_STREAM_END: return output
  case Z_BUF_ERROR: throw DataError(path: path, problem: "is truncated: the compressed data end after \(output.count) bytes of content")
  default: throw DataError(path: path, problem: "is damaged: its compressed data do not check out after \(output.count) bytes of content")
  }
}

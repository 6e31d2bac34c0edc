/// Bounds the decompressed size of stored bytes; a header that claims more is damaged or malicious.
struct StoredSize {
  private let bytes: Int

  /// The largest size to which deflate can expand this many bytes.
  static func most(of bytes: Int) -> Int { 1100 * bytes }

  init(_ bytes: Int) { self.bytes = bytes }

  /// Returns whether the stored bytes can hold the claimed content.
  ///
  /// Contents of less than 64 MiB are always accepted.
  ///
  /// - Parameters:
  ///   - promised: the claimed size in bytes.
  ///   - ratio: the largest expansion factor; that of deflate is 1032.
  /// - Returns: Whether the claim is possible.
  func canHold(_ promised: Int, ratio: Int = 1100) -> Bool { promised <= 64 << 20 || promised / ratio <= bytes }
}

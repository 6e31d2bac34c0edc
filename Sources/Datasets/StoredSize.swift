/// What a count of stored bytes can become when it is decompressed: a header that promises more is damaged or hostile, and is refused before any
/// memory is asked for.
struct StoredSize {
  private let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  /// Deflate makes at most 1032 bytes of one; contents of less than 64 MiB harm nobody.
  func canHold(_ promised: Int) -> Bool { promised <= 64 << 20 || promised / 1100 <= bytes }
}

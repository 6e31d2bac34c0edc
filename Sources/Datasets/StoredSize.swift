/// What a count of stored bytes can become when it is decompressed: a header that promises more is damaged or hostile, and is refused before any
/// memory is asked for.
struct StoredSize {
  private let bytes: Int

  /// What deflate makes of so many bytes at most.
  static func most(of bytes: Int) -> Int { 1100 * bytes }

  init(_ bytes: Int) { self.bytes = bytes }

  /// Contents of less than 64 MiB harm nobody.
  ///
  /// - Parameter ratio: how many bytes one can become; deflate makes at most 1032.
  func canHold(_ promised: Int, ratio: Int = 1100) -> Bool { promised <= 64 << 20 || promised / ratio <= bytes }
}

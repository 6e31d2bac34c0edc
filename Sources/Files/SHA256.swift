import CCrypto

/// The SHA-256 digest (FIPS 180-4), computed by OpenSSL's libcrypto to identify inputs and runs.
public struct SHA256: ~Copyable {
  private let context = EVP_MD_CTX_new()

  /// Creates a digest of no bytes.
  public init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { EVP_MD_CTX_free(context) }

  /// Returns the digest of a text's UTF-8 bytes in lowercase hexadecimal.
  public static func hex(of text: String) -> String {
    var hash = SHA256()
    hash.update(Array(text.utf8))
    return hash.finish()
  }

  /// Returns the digest of a file, which is read in pieces; nil if it cannot be read.
  public static func hex(ofFile path: String) -> String? {
    guard let file = RegularFile.open(path) else { return nil }
    defer { try? file.close() }
    var hash = SHA256()
    do {
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(Array(piece)) }
    } catch {
      return nil
    }
    return hash.finish()
  }

  /// Appends bytes to the digested data.
  public mutating func update(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

  /// Returns the digest of all bytes so far in lowercase hexadecimal, and ends the computation.
  public consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

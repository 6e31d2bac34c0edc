import Documents
import Foundation

extension Value {
  /// Reads a JSON file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - skipped: keys of the outermost object whose values are skipped without being checked, which makes reading
  ///     the rest faster.
  /// - Throws: `DocumentError` if the file is missing, unreadable, or not valid JSON; the error then has a line and
  ///   column.
  public init(jsonFile path: String, skipping skipped: Set<String> = []) throws(DocumentError) {
    guard let bytes = Self.bytes(ofFile: path) else {
      throw DocumentError(place: .file(path), problem: RegularFile.obstacle(to: path) ?? "cannot be read")
    }
    try self.init(json: bytes, path: path, skipping: skipped)
  }

  /// Reads the bytes by system calls, since listing runs reads thousands of small files.
  private static func bytes(ofFile path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = pread(descriptor, buffer.baseAddress?.advanced(by: count), size - count, off_t(count))
        if got <= 0 { break }
        count += got
      }
    }
  }
}

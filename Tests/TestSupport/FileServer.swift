import Foundation

/// A small HTTP server on 127.0.0.1 that serves given contents, supports ranges, and counts what it has sent.
public final class FileServer: @unchecked Sendable {
  /// The port of the server.
  public let port: UInt16
  private let descriptor: Int32
  private let lock = NSLock()
  private var contents: [String: [UInt8]]
  private var sent: [String: Int] = [:]

  /// Starts a server of contents by path.
  public init(_ contents: [String: [UInt8]]) throws {
    self.contents = contents
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
    guard bound else { throw CocoaError(.fileReadUnknown) }
    Thread.detachNewThread { [self] in serve() }
  }

  /// Stops the server.
  public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Returns the address of a path.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Returns how many bytes of a path's content were sent.
  public func bytesSent(of path: String) -> Int { lock.withLock { sent[path] ?? 0 } }

  private func serve() {
    while true {
      let client = accept(descriptor, nil, nil)
      guard client >= 0 else { break }
      answer(client)
      close(client)
    }
    close(descriptor)
  }

  private func answer(_ client: Int32) {
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = read(client, &buffer, buffer.count)
    guard count > 0 else { return }
    let request = String(decoding: buffer[..<count], as: UTF8.self)
    let path = String(request.split(separator: " ").dropFirst().first?.dropFirst() ?? "")
    guard let content = lock.withLock({ contents[path] }) else {
      return send(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [])
    }
    let range = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range: bytes=") }
    let start = range.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "-" }) } ?? 0
    guard start < content.count || range == nil else {
      return send(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [])
    }
    let body = Array(content[start...])
    let status =
      range == nil
      ? "200 OK" : "206 Partial Content\r\nContent-Range: bytes \(start)-\(content.count - 1)/\(content.count)"
    lock.withLock { sent[path, default: 0] += body.count }
    send(client, "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n", body)
  }

  private func send(_ client: Int32, _ header: String, _ body: [UInt8]) {
    var bytes = Array(header.utf8) + body
    while !bytes.isEmpty {
      let count = write(client, bytes, bytes.count)
      guard count > 0 else { return }
      bytes.removeFirst(count)
    }
  }
}

import Foundation
import LinearAlgebra

/// A triangle mesh in space.
public struct Mesh: Equatable, Sendable {
  /// The vertices, one per row, with coordinates x, y, z in the file's unit.
  public let vertices: Matrix
  /// The triangles as three vertex indices each, counted from 0; polygons are split into triangles that share a
  /// corner.
  public let triangles: [[Int]]

  /// Reads an OFF file (text) or a PLY file (text or binary), depending on the extension.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - notes: collects the assumptions made while reading.
  /// - Throws: `DataError` if the file is unreadable or not a mesh.
  public init(file path: String, notes: Notes) throws(DataError) {
    let lowered = path.lowercased()
    if lowered.hasSuffix(".off") {
      try self.init(offFile: path, notes: notes)
    } else if lowered.hasSuffix(".ply") {
      try self.init(plyFile: path, notes: notes)
    } else {
      throw DataError(path: path, problem: "is not a mesh file; the extension .off or .ply was expected")
    }
  }

  init(path: String, vertices: [Double], polygons: [[Int]]) throws(DataError) {
    let count = vertices.count / 3
    for (number, polygon) in polygons.enumerated() {
      if polygon.count < 3 {
        throw DataError(
          path: path, problem: "face \(number) has \(polygon.count) corners, but at least 3 were expected")
      }
      if let index = polygon.first(where: { !(0..<count).contains($0) }) {
        throw DataError(
          path: path, problem: "face \(number) names vertex \(index), but there are only \(count) (counted from 0)")
      }
    }
    if let wrong = vertices.firstIndex(where: { !$0.isFinite }) {
      throw DataError(path: path, problem: "vertex \(wrong / 3) has a coordinate that is not finite")
    }
    self.vertices = Matrix(rows: count, columns: 3, elements: vertices)
    triangles = polygons.flatMap { polygon in
      (1..<polygon.count - 1).map { [polygon[0], polygon[$0], polygon[$0 + 1]] }
    }
  }

  private init(offFile path: String, notes: Notes) throws(DataError) {
    let bytes = try contents(of: path, notes: notes)
    var words = OFFWords(bytes: bytes)
    guard words.next() == "OFF" else {
      throw DataError(path: path, problem: "is not an OFF file (its first word is not OFF)")
    }
    func next<T: LosslessStringConvertible>(_ what: String) throws(DataError) -> T {
      guard let word = words.next() else { throw DataError(path: path, problem: "is truncated: \(what) is missing") }
      // Hexadecimal numbers are refused.
      guard !word.lowercased().contains("x"), let value = T(word) else {
        throw DataError(path: path, problem: "holds '\(word)' where \(what) was expected")
      }
      return value
    }
    let vertexCount: Int = try next("the number of vertices")
    let faceCount: Int = try next("the number of faces")
    let _: Int = try next("the number of edges")
    guard vertexCount >= 0, faceCount >= 0 else {
      throw DataError(path: path, problem: "claims a negative number of vertices or faces")
    }
    try Self.askForMemory(vertices: vertexCount, faces: faceCount, bytes: bytes.count, path: path)
    var vertices: [Double] = []
    vertices.reserveCapacity(3 * min(vertexCount, bytes.count))
    for index in 0..<vertexCount {
      for axis in 0..<3 { vertices.append(try next("coordinate \(axis) of vertex \(index)")) }
    }
    var polygons: [[Int]] = []
    for face in 0..<faceCount {
      let corners: Int = try next("the number of corners of face \(face)")
      var polygon: [Int] = []
      for _ in 0..<max(0, corners) { polygon.append(try next("a corner of face \(face)")) }
      polygons.append(polygon)
    }
    try self.init(path: path, vertices: vertices, polygons: polygons)
  }
}

extension Mesh {
  /// Checks that vertices and faces fit into memory; neither can be more than the file has bytes.
  static func askForMemory(vertices: Int, faces: Int, bytes: Int, path: String) throws(DataError) {
    // Each face, and each triangle made of it, is an array of its own.
    let need = 24 * Double(min(vertices, bytes)) + 300 * Double(min(faces, bytes))
    try ReaderMemory.require(need, besides: Double(bytes), of: path)
  }
}

/// The words of an OFF file, without blanks, line ends, and comments after #.
private struct OFFWords {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> String? {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, !(0x0a...0x0d).contains(bytes[position]) { position += 1 }
      } else if Self.isBlank(bytes[position]) {
        position += 1
      } else {
        break
      }
    }
    let start = position
    while position < bytes.count, !Self.isBlank(bytes[position]), bytes[position] != UInt8(ascii: "#") { position += 1 }
    return start < position ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}

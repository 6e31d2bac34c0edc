import Foundation
import LinearAlgebra

/// A triangle mesh in space.
public struct Mesh: Equatable, Sendable {
  /// One point a row: x, y, z in the file's unit.
  public let vertices: Matrix
  /// Three vertex indices, from 0, a triangle. Polygons of the file are cut into fans.
  public let triangles: [[Int]]

  /// Reads an OFF file (text) or a PLY file (text, or binary of either byte order), by the name's ending.
  ///
  /// - Parameter notes: is told what was taken for granted.
  public init(file path: String, notes: Notes) throws(DataError) {
    let lowered = path.lowercased()
    if lowered.hasSuffix(".off") {
      try self.init(offFile: path, notes: notes)
    } else if lowered.hasSuffix(".ply") {
      try self.init(plyFile: path, notes: notes)
    } else {
      throw DataError(path: path, problem: "has another ending than .off or .ply, so it is not read as a mesh")
    }
  }

  init(path: String, vertices: [Double], polygons: [[Int]]) throws(DataError) {
    let count = vertices.count / 3
    for (number, polygon) in polygons.enumerated() {
      if polygon.count < 3 {
        throw DataError(path: path, problem: "face \(number) has \(polygon.count) corners, but at least 3 were expected")
      }
      if let index = polygon.first(where: { !(0..<count).contains($0) }) {
        throw DataError(path: path, problem: "face \(number) names vertex \(index), but there are only \(count) (counted from 0)")
      }
    }
    if let wrong = vertices.firstIndex(where: { !$0.isFinite }) {
      throw DataError(path: path, problem: "vertex \(wrong / 3) has a coordinate that is not finite")
    }
    self.vertices = Matrix(rows: count, columns: 3, elements: vertices)
    triangles = polygons.flatMap { polygon in (1..<polygon.count - 1).map { [polygon[0], polygon[$0], polygon[$0 + 1]] } }
  }

  private init(offFile path: String, notes: Notes) throws(DataError) {
    let text = String(decoding: try contents(of: path, notes: notes), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map { $0.prefix { $0 != "#" } }
    var words = lines.lazy.flatMap { $0.split(separator: " ") }.makeIterator()
    guard words.next() == "OFF" else { throw DataError(path: path, problem: "is not an OFF file (its first word is not OFF)") }
    func next<T: LosslessStringConvertible>(_ what: String) throws(DataError) -> T {
      guard let word = words.next() else { throw DataError(path: path, problem: "is truncated: \(what) is missing") }
      // No hexadecimal.
      guard !word.lowercased().contains("x"), let value = T(String(word)) else {
        throw DataError(path: path, problem: "holds '\(word)' where \(what) was expected")
      }
      return value
    }
    let vertexCount: Int = try next("the number of vertices")
    let faceCount: Int = try next("the number of faces")
    let _: Int = try next("the number of edges")
    guard vertexCount >= 0, faceCount >= 0 else { throw DataError(path: path, problem: "claims a negative number of vertices or faces") }
    var vertices: [Double] = []
    for index in 0..<vertexCount { for axis in 0..<3 { vertices.append(try next("coordinate \(axis) of vertex \(index)")) } }
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

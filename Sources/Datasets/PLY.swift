import Foundation

extension Mesh {
  init(plyFile path: String, notes: Notes) throws(DataError) {
    var reader = try PLYReader(path, notes)
    var vertices: [Double] = []
    var polygons: [[Int]] = []
    let counts = ["vertex", "face"].map { name in reader.elements.reduce(0) { $1.name == name ? max($0, $1.count) : $0 }
    }
    try Self.askForMemory(vertices: counts[0], faces: counts[1], bytes: reader.size, path: path)
    vertices.reserveCapacity(3 * min(counts[0], reader.size))
    for element in reader.elements {
      let axes = ["x", "y", "z"].map { axis in element.properties.firstIndex { $0.name == axis } }
      if element.name == "vertex",
        axes.contains(where: { axis in axis.map { element.properties[$0].countType != nil } ?? true })
      {
        throw DataError(path: path, problem: "its vertices have no x, y and z")
      }
      // An element without properties takes no bytes, so the file's end would not limit its count.
      if element.properties.isEmpty { continue }
      let corners = element.properties.firstIndex { $0.name == "vertex_indices" || $0.name == "vertex_index" }
      for _ in 0..<element.count {
        let row = try reader.row(of: element)
        if element.name == "vertex" { vertices += axes.compactMap { $0.map { row[$0][0] } } }
        if element.name == "face", let corners { polygons.append(row[corners].map { Int(exactly: $0) ?? -1 }) }
      }
    }
    try self.init(path: path, vertices: vertices, polygons: polygons)
  }
}

/// Reads a PLY file element by element.
private struct PLYReader {
  struct Property {
    let name: String
    let type: ElementType
    /// The type of the count before a list; nil for a single number.
    let countType: ElementType?
  }

  struct Element {
    let name: String
    let count: Int
    var properties: [Property] = []
  }

  private enum Format: String {
    case ascii
    case littleEndian = "binary_little_endian"
    case bigEndian = "binary_big_endian"
  }

  let path: String
  private(set) var elements: [Element] = []
  private let bytes: [UInt8]
  var size: Int { bytes.count }
  private var offset = 0
  private var format = Format.ascii

  init(_ path: String, _ notes: Notes) throws(DataError) {
    self.path = path
    bytes = try contents(of: path, notes: notes)
    guard nextLine() == "ply" else {
      throw DataError(path: path, problem: "is not a PLY file (its first line is not ply)")
    }
    while true {
      guard let line = nextLine() else {
        throw DataError(path: path, problem: "is truncated: its header has no end_header")
      }
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case "format":
        guard words.count > 1, let format = Format(rawValue: words[1]) else { throw malformed(line) }
        self.format = format
      case "element":
        guard words.count == 3, let count = Int(words[2]), count >= 0 else { throw malformed(line) }
        elements.append(Element(name: words[1], count: count))
      case "property":
        guard !elements.isEmpty, let property = property(words) else { throw malformed(line) }
        elements[elements.count - 1].properties.append(property)
      case "end_header": return
      case "comment", "obj_info", nil: continue
      default: throw malformed(line)
      }
    }
  }

  private func malformed(_ line: String) -> DataError {
    DataError(path: path, problem: "has the header line '\(line.prefix(60))', which is not supported")
  }

  private func property(_ words: [String]) -> Property? {
    if words.count == 5, words[1] == "list", let count = type(words[2]), let type = type(words[3]) {
      return Property(name: words[4], type: type, countType: count)
    }
    guard words.count == 3, let type = type(words[1]) else { return nil }
    return Property(name: words[2], type: type, countType: nil)
  }

  private func type(_ name: String) -> ElementType? {
    let big = format == .bigEndian
    return switch name {
    case "char", "int8": ElementType(.signed, width: 1, isBigEndian: big)
    case "uchar", "uint8": ElementType(.unsigned, width: 1, isBigEndian: big)
    case "short", "int16": ElementType(.signed, width: 2, isBigEndian: big)
    case "ushort", "uint16": ElementType(.unsigned, width: 2, isBigEndian: big)
    case "int", "int32": ElementType(.signed, width: 4, isBigEndian: big)
    case "uint", "uint32": ElementType(.unsigned, width: 4, isBigEndian: big)
    case "float", "float32": ElementType(.float, width: 4, isBigEndian: big)
    case "double", "float64": ElementType(.float, width: 8, isBigEndian: big)
    default: nil
    }
  }

  /// Reads the values of each property of the next element.
  mutating func row(of element: Element) throws(DataError) -> [[Double]] {
    var row: [[Double]] = []
    for property in element.properties {
      var count = 1
      if let countType = property.countType {
        let number = try next(countType)
        guard (0...1e6).contains(number) else {
          throw DataError(path: path, problem: "claims a list of \(number) numbers in '\(element.name)'")
        }
        count = Int(number)
      }
      var values: [Double] = []
      for _ in 0..<count { values.append(try next(property.type)) }
      row.append(values)
    }
    return row
  }

  private mutating func next(_ type: ElementType) throws(DataError) -> Double {
    if format == .ascii {
      let white: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
      while offset < bytes.count, white.contains(bytes[offset]) { offset += 1 }
      let start = offset
      while offset < bytes.count, !white.contains(bytes[offset]) { offset += 1 }
      guard start < offset else { throw truncated }
      let word = String(decoding: bytes[start..<offset], as: UTF8.self)
      guard let value = Double(decimal: word), value.isFinite else {
        throw DataError(path: path, problem: "holds '\(word.prefix(40))' where a number was expected")
      }
      return value
    }
    guard offset + type.width <= bytes.count else { throw truncated }
    defer { offset += type.width }
    let value = type.value(in: bytes, at: offset)
    guard value.isFinite else {
      throw DataError(path: path, problem: "holds a number that is not finite at byte \(offset)")
    }
    return value
  }

  private var truncated: DataError {
    DataError(path: path, problem: "is truncated: it ends before all its elements were read")
  }

  private mutating func nextLine() -> String? {
    guard offset < bytes.count else { return nil }
    let end = bytes[offset...].firstIndex(of: 0x0a) ?? bytes.count
    defer { offset = end + 1 }
    return String(decoding: bytes[offset..<end], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

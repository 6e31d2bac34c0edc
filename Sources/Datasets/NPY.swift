import Foundation
import LinearAlgebra

extension NumericArray {
  /// Reads NumPy's .npy format, versions 1 to 3: booleans, integers, and floats of any byte order, in C or Fortran
  /// order.
  static func readNPY(_ path: String, notes: Notes) throws(DataError) -> NumericArray {
    try npy(try contents(of: path, notes: notes), path: path, notes: notes)
  }

  /// Decodes the content of an .npy file; `path` is its name in errors, and `held` counts bytes held in addition.
  static func npy(_ bytes: [UInt8], path: String, held: Double = 0, notes: Notes) throws(DataError) -> NumericArray {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 12 else {
      throw DataError(
        path: path,
        problem: bytes.count < 12
          ? "is truncated: \(bytes.count) bytes are too few for an NPY file" : "is not an NPY file (wrong first bytes)")
    }
    let wide = bytes[6] >= 2
    let lengthBytes = wide ? 4 : 2
    let headerLength = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes
    guard start + headerLength <= bytes.count,
      let header = String(bytes: bytes[start..<start + headerLength], encoding: .utf8)
    else {
      throw .truncated(path, holds: bytes.count - start, promised: headerLength)
    }
    if let fields = fields(in: header) {
      throw DataError(
        path: path, problem: "holds records with the fields \(fields), but numbers without names were expected")
    }
    guard let type = quoted(after: "'descr':", in: header), let element = ElementType(type) else {
      throw DataError(
        path: path,
        problem:
          "holds elements of type \(quoted(after: "'descr':", in: header) ?? "unknown"), but numbers were expected")
    }
    guard let shape = shape(in: header), let count = count(ofShape: shape) else {
      throw DataError(path: path, problem: "has no valid shape in its header")
    }
    let body = start + headerLength
    let promised = count * element.width
    guard bytes.count - body >= promised else { throw .truncated(path, holds: bytes.count - body, promised: promised) }
    if bytes.count - body > promised {
      notes.add("\(path): the \(bytes.count - body - promised) bytes after its numbers were ignored")
    }
    if let wrong = (0..<count).first(where: { !element.isNumber(in: bytes, at: body + $0 * element.width) }) {
      throw DataError(
        path: path, problem: "holds long doubles from another kind of machine (element \(wrong)); float64 was expected")
    }
    try ReaderMemory.require(8 * Double(count), besides: held + Double(bytes.count), of: path)
    let value = { element.value(in: bytes, at: body + $0 * element.width) }
    let isFortran = header.replacingOccurrences(of: " ", with: "").contains("'fortran_order':True")
    return NumericArray(
      shape: shape, elements: isFortran ? fromFortranOrder(count, shape: shape, value) : (0..<count).map(value))
  }

  /// The names of a structured type's fields; nil for a plain type.
  private static func fields(in header: String) -> String? {
    guard let range = header.range(of: "'descr':"), header[range.upperBound...].first(where: { $0 != " " }) == "["
    else { return nil }
    // Each field is a pair of a name and a type; other brackets hold shapes.
    let parts = header[range.upperBound...].split(separator: "(").dropFirst()
    let names = parts.compactMap { $0.first == "'" ? String($0.dropFirst().prefix { $0 != "'" }) : nil }
    return HDF5.enumeration(names.map { "'\($0.prefix(20))'" })
  }

  private static func quoted(after key: String, in header: String) -> String? {
    guard let range = header.range(of: key) else { return nil }
    let rest = header[range.upperBound...].drop { $0 == " " }
    guard rest.first == "'" else { return nil }
    return String(rest.dropFirst().prefix { $0 != "'" })
  }

  private static func shape(in header: String) -> [Int]? {
    guard let range = header.range(of: "'shape':"), let open = header[range.upperBound...].firstIndex(of: "("),
      let close = header[open...].firstIndex(of: ")")
    else { return nil }
    let extents = header[header.index(after: open)..<close].split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let numbers = extents.filter { !$0.isEmpty }.map { Int($0) }
    return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }

  private static func fromFortranOrder(_ count: Int, shape: [Int], _ value: (Int) -> Double) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    var index = [Int](repeating: 0, count: shape.count)
    for source in 0..<count {
      var target = 0
      for (axis, extent) in shape.enumerated() { target = target * extent + index[axis] }
      result[target] = value(source)
      for axis in shape.indices {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }
}

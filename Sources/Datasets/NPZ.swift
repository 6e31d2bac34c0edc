import Foundation
import LinearAlgebra

/// Reads NumPy's .npz, a zip archive of .npy members, stored or deflated.
enum NPZ {
  private struct Member {
    let name: String
    let method: Int
    let storedSize: Int
    let size: Int
    let offset: Int
  }

  /// Returns the names of the arrays in the order of the archive.
  static func names(in path: String) throws(DataError) -> [String] {
    try members(contents(of: path, notes: Notes()), path: path).map(\.name)
  }

  /// Reads an array.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: the array's name; nil if the archive holds only one.
  ///   - notes: collects the assumptions made while reading.
  /// - Returns: The array.
  /// - Throws: `DataError` if the archive is damaged or has no array with this name.
  static func read(_ path: String, name: String?, notes: Notes) throws(DataError) -> NumericArray {
    let bytes = try contents(of: path, notes: notes)
    let members = try members(bytes, path: path)
    let names = members.map(\.name).joined(separator: ", ")
    guard let name = name ?? (members.count == 1 ? members[0].name : nil) else {
      throw DataError(path: path, problem: "holds \(members.count) arrays (\(names)); name one of them")
    }
    guard let member = members.first(where: { $0.name == name }) else {
      throw DataError(path: path, problem: "holds no array '\(name)'; it holds \(names)")
    }
    if [member.storedSize, member.size, member.offset].contains(0xffff_ffff) { throw tooLarge(path) }
    // The local header repeats the name and has an extra field with its own length.
    let header = member.offset
    guard header + 30 <= bytes.count, number(bytes, header, 4) == 0x0403_4b50 else {
      throw damaged(path, "'\(name)' has no header")
    }
    let start = header + 30 + number(bytes, header + 26, 2) + number(bytes, header + 28, 2)
    guard start + member.storedSize <= bytes.count else { throw damaged(path, "'\(name)' is truncated") }
    let place = "\(path), array '\(name)'"
    try ReaderMemory.require(Double(member.storedSize), besides: Double(bytes.count), of: place)
    let stored = Array(bytes[start..<start + member.storedSize])
    // A claimed size beyond what deflate can make is not trusted.
    let promised = min(member.size, largestInflatedSize, StoredSize.most(of: member.storedSize))
    let content: [UInt8]
    switch member.method {
    case 0: content = stored
    case 8:
      content = try Inflation(limit: min(member.size, largestInflatedSize), held: Double(bytes.count)).raw(
        stored, size: promised, path: place)
    case let method:
      throw DataError(
        path: path, problem: "holds '\(name)' compressed by zip method \(method); stored or deflated was expected")
    }
    guard content.count == member.size else {
      throw damaged(path, "'\(name)' has \(content.count) bytes where \(member.size) were expected")
    }
    return try NumericArray.npy(
      content, path: place, held: Double(bytes.count) + (member.method == 0 ? 0 : Double(stored.count)), notes: notes)
  }

  private static func members(_ bytes: [UInt8], path: String) throws(DataError) -> [Member] {
    // The end record is in the last 22 bytes, before a comment of at most 65,535 bytes.
    let lowest = max(0, bytes.count - 22 - 65_535)
    guard bytes.count >= 22,
      let end = stride(from: bytes.count - 22, through: lowest, by: -1).first(where: {
        number(bytes, $0, 4) == 0x0605_4b50
      })
    else { throw damaged(path, "it does not end as a zip archive does") }
    var position = number(bytes, end + 16, 4)
    if position == 0xffff_ffff { throw tooLarge(path) }
    var members: [Member] = []
    for _ in 0..<number(bytes, end + 10, 2) {
      guard position + 46 <= bytes.count, number(bytes, position, 4) == 0x0201_4b50 else {
        throw damaged(path, "its directory is broken")
      }
      let nameEnd = position + 46 + number(bytes, position + 28, 2)
      guard nameEnd <= bytes.count else { throw damaged(path, "its directory is broken") }
      let name = String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self)
      let (stored, size, offset) = (
        number(bytes, position + 20, 4), number(bytes, position + 24, 4), number(bytes, position + 42, 4)
      )
      if name.hasSuffix(".npy") {
        members.append(
          Member(
            name: String(name.dropLast(4)), method: number(bytes, position + 10, 2), storedSize: stored, size: size,
            offset: offset))
      }
      position = nameEnd + number(bytes, position + 30, 2) + number(bytes, position + 32, 2)
    }
    return members
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> Int {
    (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  private static func tooLarge(_ path: String) -> DataError {
    DataError(path: path, problem: "is larger than 4 GB; HDF5 was expected for arrays of this size")
  }

  private static func damaged(_ path: String, _ what: String) -> DataError {
    DataError(path: path, problem: "is not a readable NPZ archive: \(what)")
  }
}

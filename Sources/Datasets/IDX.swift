import LinearAlgebra

extension NumericArray {
  /// Reads the IDX format of the MNIST files, plain or compressed by gzip.
  static func readIDX(_ path: String, notes: Notes) throws(DataError) -> NumericArray {
    let bytes = try contents(of: path, notes: notes)
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, let type = idxTypes[bytes[2]] else {
      throw DataError(path: path, problem: "is not an IDX file (wrong first bytes)")
    }
    let rank = Int(bytes[3])
    let body = 4 + 4 * rank
    guard bytes.count >= body else { throw .truncated(path, holds: bytes.count - 4, promised: 4 * rank) }
    let size = ElementType(.unsigned, width: 4, isBigEndian: true)
    let shape = (0..<rank).map { Int(size.value(in: bytes, at: 4 + 4 * $0)) }
    guard let count = count(ofShape: shape) else {
      throw DataError(path: path, problem: "claims the impossible size \(shape)")
    }
    guard bytes.count - body >= count * type.width else {
      throw .truncated(path, holds: bytes.count - body, promised: count * type.width)
    }
    try ReaderMemory.require(8 * Double(count), besides: Double(bytes.count), of: path)
    return NumericArray(shape: shape, elements: (0..<count).map { type.value(in: bytes, at: body + $0 * type.width) })
  }

  private static let idxTypes: [UInt8: ElementType] = [
    0x08: ElementType(.unsigned, width: 1, isBigEndian: true), 0x09: ElementType(.signed, width: 1, isBigEndian: true),
    0x0b: ElementType(.signed, width: 2, isBigEndian: true), 0x0c: ElementType(.signed, width: 4, isBigEndian: true),
    0x0d: ElementType(.float, width: 4, isBigEndian: true), 0x0e: ElementType(.float, width: 8, isBigEndian: true),
  ]
}

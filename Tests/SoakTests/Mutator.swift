import LinearAlgebra

/// Changes files as accidents and enemies do: bits, bytes, numbers that are too large, pieces lost, doubled or taken
/// from another file.
struct Mutator {
  private var random: SeededGenerator
  private let seeds: [[UInt8]]
  private let words: [[UInt8]]

  /// Mutates whole files, `seeds`, also by `words` that have a meaning in their format.
  init(_ seeds: [[UInt8]], words: [String], seed: Int) {
    self.seeds = seeds
    self.words = words.map { Array($0.utf8) }
    random = SeededGenerator(seed: UInt64(seed), stream: "mutations")
  }

  private static let numbers: [UInt64] = [
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, .max >> 1, .max, 1 << 40,
  ]

  mutating func next() -> [UInt8] {
    var bytes = seeds[random.integer(below: seeds.count)]
    for _ in 0...random.integer(below: 6) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let position = random.integer(below: bytes.count)
    switch random.integer(below: 9) {
    case 0: bytes[position] ^= 1 << UInt8(random.integer(below: 8))
    case 1: bytes[position] = UInt8(random.integer(below: 256))
    case 2:
      let number = Self.numbers[random.integer(below: Self.numbers.count)]
      let width = [1, 2, 4, 8][random.integer(below: 4)]
      let isBig = random.integer(below: 2) == 0
      for k in 0..<width where position + k < bytes.count {
        bytes[position + k] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (isBig ? width - 1 - k : k)))
      }
    case 3: bytes.removeLast(bytes.count - position)
    case 4: bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.integer(below: 16)))
    case 5:
      bytes.insert(
        contentsOf: bytes[position..<min(bytes.count, position + 1 + random.integer(below: 32))], at: position)
    case 6:
      let other = seeds[random.integer(below: seeds.count)]
      let start = random.integer(below: other.count)
      let piece = other[start..<min(other.count, start + 1 + random.integer(below: 64))]
      bytes.replaceSubrange(position..<min(bytes.count, position + piece.count), with: piece)
    case 7 where !words.isEmpty:
      let word = words[random.integer(below: words.count)]
      bytes.replaceSubrange(position..<min(bytes.count, position + random.integer(below: 8)), with: word)
    default: bytes.insert(UInt8(random.integer(below: 256)), at: position)
    }
  }
}

import LinearAlgebra

/// Returns a plan with uniform marginals and mass 1 that differs from the product plan and has no symmetry.
public func tiltedProduct(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var random = SeededGenerator(seed: seed, stream: "tilted product")
  func centred(_ count: Int) -> [Double] {
    let drawn = (0..<count).map { _ in random.uniform(in: -0.95...0.95) }
    let mean = drawn.reduce(0, +) / Double(count)
    return drawn.map { $0 - mean }
  }
  let (x, y) = (centred(rows), centred(columns))
  return Matrix(rows: rows, columns: columns) { (1 + x[$0] * y[$1]) / Double(rows * columns) }
}

import Foundation
import LinearAlgebra

extension Certificate {
  /// Ω(z), the kernel as the settings say.
  func kernel(_ z: Double, isCosineByDefault: Bool) -> Double {
    let isCosine = setting("kernel").map { $0 == "cosine" } ?? isCosineByDefault
    return isCosine ? cos(min(z, .pi / 2)) : exp(-z * z / 2)
  }

  /// Rows of P0 and columns of P1 hold no more than there is.
  func overfull(_ first: Matrix, _ second: Matrix, _ a: [Double], _ b: [Double], _ name: String) -> [String] {
    let excess = zip(first.rowSums, a).map { $0 - $1 }.reduce(0) { max($0, $1) } / a.reduce(0, +)
    let other = zip(second.columnSums, b).map { $0 - $1 }.reduce(0) { max($0, $1) } / b.reduce(0, +)
    return max(excess, other) <= 1e-9 ? [] : ["\(name) holds \(max(excess, other)) more than the mass there is"]
  }

  func roots(_ first: Matrix, _ second: Matrix) -> Matrix {
    Matrix(rows: first.rows, columns: first.columns) { first[$0, $1].squareRoot() * second[$0, $1].squareRoot() }
  }
}

import LinearAlgebra
import OptimalTransport

extension Gaussian {
  /// A Gaussian that the dimension fixes: mean (1, …, 1)/√d, covariance B Bᵀ/d + I/2 with a drawn B.
  static func drawn(dimension d: Int) throws(ProblemError) -> Gaussian {
    var random = SeededGenerator(seed: UInt64(d), stream: "covariance of the second Gaussian")
    let factor = Matrix(rows: d, columns: d) { _, _ in random.normal() }
    let covariance = Matrix(rows: d, columns: d) { i, j in
      (0..<d).reduce(i == j ? 0.5 : 0) { $0 + factor[i, $1] * factor[j, $1] / Double(d) }
    }
    return try Gaussian(mean: [Double](repeating: 1 / Double(d).squareRoot(), count: d), covariance: covariance)
  }
}

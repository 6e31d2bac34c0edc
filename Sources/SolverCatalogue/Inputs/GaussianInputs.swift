import Documents
import LinearAlgebra
import OptimalTransport

// Gaussians by mean and covariance, or by samples.

extension Fields {
  /// What is added to the diagonals of samples' covariances.
  func ridge() throws(DocumentError) -> Double {
    try number(
      "ridge", default: 0, in: .from(0, to: 1e100), about: "added to the diagonal of the covariance of samples")
  }
}

extension ProblemInputs {
  /// The Gaussian of a mean and a covariance, or of samples.
  ///
  /// - Parameters: names of the inputs.
  func gaussian(mean: String, covariance: String, samples: String, weights: String, ridge: Double) throws -> Gaussian {
    if let points = try points(samples) {
      if contains(mean) || contains(covariance) {
        throw missing("either \(samples) or \(mean) and \(covariance), not both")
      }
      return try Gaussian(samples: points, weights: vector(weights), ridge: ridge, name: samples)
    }
    guard let matrix = try matrix(covariance) else { throw missing("\(covariance), or samples \(samples)") }
    if contains(weights) { throw missing("samples \(samples), whose weights \(weights) are") }
    return try Gaussian(
      mean: vector(mean) ?? [Double](repeating: 0, count: matrix.rows), covariance: symmetrized(matrix, covariance),
      name: covariance)
  }
}

import Glibc

/// The kernel Ω that defines a distance on the cone over the real line.
///
/// For points a and b at radii r and s and z = |a − b|/δ, the squared distance is
///
///     δ² (r² + s² − 2 r s Ω(z)),      Ω(z) = 1 − z²/2 + O(z⁴).
///
/// Where Ω vanishes, points that are far apart in units of δ are not matched: destroying and creating mass is cheaper
/// than moving it.
public enum ConeKernel: Sendable, Equatable {
  /// The Gaussian kernel exp(−z²/2) of Gaussian–Hellinger transport.
  case gaussianHellinger
  /// The truncated cosine kernel cos(min(z, `truncation`)) of Wasserstein–Fisher–Rao transport, with truncation in (0,
  /// π].
  ///
  /// For the usual truncation π/2, Ω is not negative.
  case wassersteinFisherRao(truncation: Double = .pi / 2)

  /// Returns Ω(z).
  public func value(_ z: Double) -> Double {
    switch self {
    case .gaussianHellinger: exp(-z * z / 2)
    case .wassersteinFisherRao(let truncation): cos(min(abs(z), truncation))
    }
  }

  func validate() throws(ProblemError) {
    if case .wassersteinFisherRao(let truncation) = self, !(truncation > 0 && truncation <= .pi) {
      throw .parameter(
        name: "the truncation of the cosine", found: "\(truncation)", expected: "a number above 0, at most π")
    }
  }
}

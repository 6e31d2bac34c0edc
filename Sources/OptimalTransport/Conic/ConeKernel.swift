import Glibc

/// Ω, which makes a distance of the cone over the line: with apex angle z = |a − b|/δ between points of radii r and s,
///
///     δ² (r² + s² − 2 r s Ω(z)),      Ω(z) = 1 − z²/2 + O(z⁴).
///
/// What is far apart in units of δ is as good as unrelated: it is cheaper to destroy mass than to move it.
public enum ConeKernel: Sendable, Equatable {
  /// exp(−z²/2).
  case gaussianHellinger
  /// cos(min(z, cap)), cap at most π. With π/2, the usual one, Ω is not negative.
  case wassersteinFisherRao(cap: Double = .pi / 2)

  /// Ω(z).
  public func value(_ z: Double) -> Double {
    switch self {
    case .gaussianHellinger: exp(-z * z / 2)
    case .wassersteinFisherRao(let cap): cos(min(abs(z), cap))
    }
  }

  func validate() throws(ProblemError) {
    if case .wassersteinFisherRao(let cap) = self, !(cap > 0 && cap <= .pi) {
      throw .parameter(name: "the cap of the cosine", found: "\(cap)", expected: "a number above 0, at most π")
    }
  }
}

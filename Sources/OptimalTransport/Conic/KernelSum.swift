import LinearAlgebra

/// How sums M_ij = Σ_kl Ω(|ω1_ik − ω2_jl|/δ) S_kl are evaluated. They cost O(n1 n2 d1 d2) as they stand; all other ways say how far they are from
/// that (`KernelSum.error`).
public enum KernelEvaluation: String, Sendable, CaseIterable {
  /// What the values allow and costs least.
  case automatic
  /// Term by term, for any values.
  case direct
  /// cos(a − b) = cos a cos b + sin a sin b: two terms, exact, as long as no |ω1 − ω2|/δ is beyond the cap.
  case cosine
  /// Interpolation of the Gaussian at Chebyshev points, to 1e-12.
  case chebyshev
  /// By the table of Ω between the distinct values, of which there are few.
  case fewValues = "few-values"
  /// Values of 0 and 1: the cost of the ones.
  case adjacency
}

/// The sums that the ascent is made of, in one direction: from hyperedges to nodes or back.
protocol KernelSum: Sendable {
  /// M, n1×n2, of S, d1×d2.
  func sum(_ s: Matrix, into out: inout Matrix)
  /// A bound, or for interpolation a finely sampled maximum, of the error in Ω: |M − M~| ≤ error ΣS.
  var error: Double { get }
}

extension KernelEvaluation {
  /// Distinct values a side up to which their table is worth a look.
  private static var few: Int { 64 }

  /// - Throws: `ProblemError` when this way cannot be gone with such values.
  func sum(
    _ first: Hypernetwork.Values, _ second: Hypernetwork.Values, kernel: ConeKernel, delta: Double
  ) throws(ProblemError) -> any KernelSum {
    func refused(_ expected: String) -> ProblemError {
      .parameter(name: "the evaluation of the cone's kernel", found: rawValue, expected: expected)
    }
    switch self {
    case .adjacency:
      guard let sum = AdjacencySum(first, second, kernel: kernel, delta: delta) else {
        throw refused("another way (values are not all 0 or 1)")
      }
      return sum
    case .direct:
      return DirectSum(first.matrix, second.matrix, kernel: kernel, delta: delta)
    case .cosine:
      let spans = (ValueSpan(first.matrix), ValueSpan(second.matrix))
      guard case .wassersteinFisherRao(let cap) = kernel else { throw refused("another way (the kernel is a Gaussian)") }
      let reach = spans.0.reach(spans.1)
      if reach > cap * delta {
        throw .parameter(
          name: "δ for the cosine without its cap", found: "\(delta)",
          expected: "at least \(reach / cap) (values lie up to \(reach) apart; the direct evaluation takes any δ)")
      }
      return SeparatedSum(first.matrix, second.matrix, .cosine(spans.0, spans.1, delta: delta))
    case .fewValues:
      guard let separated = SeparatedKernel.table(first.matrix, second.matrix, kernel: kernel, delta: delta, most: 4096) else {
        throw refused("another way (there are more than 4096 distinct values)")
      }
      return SeparatedSum(first.matrix, second.matrix, separated)
    case .chebyshev:
      guard kernel == .gaussianHellinger else { throw refused("another way (the kernel is not a Gaussian)") }
      guard let separated = SeparatedKernel.chebyshev(ValueSpan(first.matrix), ValueSpan(second.matrix), delta: delta) else {
        throw refused("direct (values spread over too many δ)")
      }
      return SeparatedSum(first.matrix, second.matrix, separated)
    case .automatic:
      return Self.best(first, second, kernel: kernel, delta: delta)
    }
  }

  private static func best(
    _ first: Hypernetwork.Values, _ second: Hypernetwork.Values, kernel: ConeKernel, delta: Double
  ) -> any KernelSum {
    if let sum = AdjacencySum(first, second, kernel: kernel, delta: delta), sum.isSparse { return sum }
    let (a, b) = (first.matrix, second.matrix)
    let spans = (ValueSpan(a), ValueSpan(b))
    if case .wassersteinFisherRao(let cap) = kernel, spans.0.reach(spans.1) <= cap * delta {
      return SeparatedSum(a, b, .cosine(spans.0, spans.1, delta: delta))
    }
    var candidates: [SeparatedKernel] = []
    if let table = SeparatedKernel.table(a, b, kernel: kernel, delta: delta, most: few) { candidates.append(table) }
    if candidates.isEmpty, kernel == .gaussianHellinger, let interpolation = SeparatedKernel.chebyshev(spans.0, spans.1, delta: delta) {
      candidates.append(interpolation)
    }
    let direct = DirectSum(a, b, kernel: kernel, delta: delta)
    let separated = candidates.map { SeparatedSum(a, b, $0) }.min { $0.operations < $1.operations }
    // An exponential or cosine takes as long as some twenty multiplications in a matrix product.
    guard let separated, separated.operations < 20 * direct.terms else { return direct }
    return separated
  }
}

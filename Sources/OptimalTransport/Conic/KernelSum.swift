import LinearAlgebra

/// The method by which the sums M_ij = Σ_kl Ω(|ω1_ik − ω2_jl|/δ) S_kl are computed.
///
/// Term by term they cost O(n1 n2 d1 d2). All other methods report their error
/// (`ConicCoOptimalSolution.kernelError`).
public enum KernelEvaluation: String, Sendable, CaseIterable {
  /// The cheapest method that the values allow.
  case automatic
  /// Term by term, for any values.
  case direct
  /// cos(a − b) = cos a cos b + sin a sin b: two terms, exact if no |ω1 − ω2|/δ exceeds the truncation of the cosine.
  case cosine
  /// Chebyshev interpolation of the Gaussian kernel, to 1e-12.
  case chebyshev
  /// A low-rank factorization of the table of Ω between the distinct values, for few distinct values.
  case fewValues = "few-values"
  /// Sparse sums for values 0 and 1, at the cost of the number of ones.
  case adjacency
}

/// The kernel sums of the ascent in one direction, from hyperedges to nodes or back.
protocol KernelSum: Sendable {
  /// Computes M, n1×n2, from S, d1×d2.
  func sum(_ s: Matrix, into out: inout Matrix)
  /// A bound of the error in Ω with |M − M~| ≤ error · ΣS; for interpolation, the maximum over a fine sample.
  var error: Double { get }
}

extension KernelEvaluation {
  /// The number of distinct values per side up to which a table is considered.
  private static var few: Int { 64 }

  /// Prepares the sums by this method.
  ///
  /// - Parameters:
  ///   - first: the values of the first hypernetwork.
  ///   - second: the values of the second hypernetwork.
  ///   - kernel: Ω.
  ///   - delta: δ.
  /// - Returns: the prepared sums.
  /// - Throws: `ProblemError` if the method does not apply to these values.
  func sum(
    _ first: Hypernetwork.Values, _ second: Hypernetwork.Values, kernel: ConeKernel, delta: Double
  ) throws(ProblemError) -> any KernelSum {
    func refused(_ expected: String) -> ProblemError {
      .parameter(name: "the evaluation of the kernel", found: rawValue, expected: expected)
    }
    switch self {
    case .adjacency:
      guard let sum = AdjacencySum(first, second, kernel: kernel, delta: delta) else {
        throw refused("another method (values are not all 0 or 1)")
      }
      return sum
    case .direct:
      return DirectSum(first.matrix, second.matrix, kernel: kernel, delta: delta)
    case .cosine:
      let spans = (ValueSpan(first.matrix), ValueSpan(second.matrix))
      guard case .wassersteinFisherRao(let truncation) = kernel else {
        throw refused("another method (the kernel is a Gaussian)")
      }
      let reach = spans.0.reach(spans.1)
      if reach > truncation * delta {
        throw .parameter(
          name: "δ for the cosine method", found: "\(delta)",
          expected: "at least \(reach / truncation) (values differ by up to \(reach); the direct method accepts any δ)")
      }
      return SeparatedSum(first.matrix, second.matrix, .cosine(spans.0, spans.1, delta: delta))
    case .fewValues:
      guard let separated = SeparatedKernel.table(first.matrix, second.matrix, kernel: kernel, delta: delta, most: 4096)
      else {
        throw refused("another method (there are more than 4096 distinct values)")
      }
      return SeparatedSum(first.matrix, second.matrix, separated)
    case .chebyshev:
      guard kernel == .gaussianHellinger else { throw refused("another method (the kernel is not a Gaussian)") }
      guard let separated = SeparatedKernel.chebyshev(ValueSpan(first.matrix), ValueSpan(second.matrix), delta: delta)
      else {
        throw refused("the direct method (the values range over too many δ)")
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
    if case .wassersteinFisherRao(let truncation) = kernel, spans.0.reach(spans.1) <= truncation * delta {
      return SeparatedSum(a, b, .cosine(spans.0, spans.1, delta: delta))
    }
    var candidates: [SeparatedKernel] = []
    if let table = SeparatedKernel.table(a, b, kernel: kernel, delta: delta, most: few) { candidates.append(table) }
    if candidates.isEmpty, kernel == .gaussianHellinger,
      let interpolation = SeparatedKernel.chebyshev(spans.0, spans.1, delta: delta)
    {
      candidates.append(interpolation)
    }
    let direct = DirectSum(a, b, kernel: kernel, delta: delta)
    let separated = candidates.map { SeparatedSum(a, b, $0) }.min { $0.operations < $1.operations }
    // An exponential or cosine takes as long as about twenty multiplications in a matrix product.
    guard let separated, separated.operations < 20 * direct.terms else { return direct }
    return separated
  }
}

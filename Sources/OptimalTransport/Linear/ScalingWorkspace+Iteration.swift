import LinearAlgebra

extension ScalingWorkspace {
  /// Runs Sinkhorn's iteration for a cost, at the workspace's ε and from its current potentials.
  ///
  /// After the scaling form, K is in double precision and consistent with the potentials, so that a plan can be
  /// written; after the logarithmic form, `absorb` must be called first.
  package func iterate(
    _ cost: Matrix, form: Sinkhorn.Form = .scaling, stopping: StoppingRule, monitor: Monitor? = nil
  ) -> Run {
    switch form {
    case .logarithmic:
      return OptimalTransport.iterate(stopping, monitor: monitor) { _ in .advanced(residual: logarithmicPass(cost)) }
    case .scaling:
      // If K exceeds the caches, iterations in single precision lead close to the solution; the final residual and
      // the remaining iterations are in double precision.
      // way gone, in double.
      absorb(cost, as: rows * columns >= mixedPrecisionSize ? .single : .double)
      let run = OptimalTransport.iterate(stopping, monitor: monitor) { _ in
        let residual = scalingPass(cost)
        let isNear = residual <= stopping.tolerance && precision == .single
        return .advanced(residual: isNear ? absorb(cost, as: .double) : residual)
      }
      if precision == .single { absorb(cost, as: .double) }
      return run
    }
  }
}

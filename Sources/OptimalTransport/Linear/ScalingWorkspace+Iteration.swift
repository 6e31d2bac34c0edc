import LinearAlgebra

extension ScalingWorkspace {
  /// Sinkhorn's iteration for a cost, at the workspace's ε and from its present potentials.
  ///
  /// After the scaling form K is held in double precision and belongs to the potentials, so that a plan can be written; the logarithmic form leaves that
  /// to `absorb`.
  package func iterate(
    _ cost: Matrix, form: Sinkhorn.Form = .scaling, stopping: StoppingRule, monitor: Monitor? = nil
  ) -> Run {
    switch form {
    case .logarithmic:
      return OptimalTransport.iterate(stopping, monitor: monitor) { _ in .advanced(residual: logarithmicPass(cost)) }
    case .scaling:
      // Where K is larger than the caches, single precision leads near the solution; the residual that counts is taken, and the rest of the
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
